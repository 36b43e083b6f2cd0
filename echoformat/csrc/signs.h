/* What each of many texts shows, as one byte a text: the frame of loops, near loops and cuts. */
#ifndef ECHOFORMAT_SIGNS_H
#define ECHOFORMAT_SIGNS_H

#include "spans.h"

/* Facts and the look that knows them; `room` bytes of memory are lent to each look, one text at a time. */
typedef uint8_t (*EfLook)(const void *facts, EfSpan text, void *room);

/* What a look says of a text that ends in a loop for certain. */
enum { EF_LOOPS = 2 };

/* An empty object of the type with `size` bytes of facts, zeroed; NULL with an exception set where it fails. */
PyObject *ef_signs(PyObject *type, EfLook look, Py_ssize_t size, Py_ssize_t room, void **facts);

/* Methods of the class, each making one kind. */
PyObject *ef_of_loops(PyObject *type, PyObject *args, PyObject *named);
PyObject *ef_of_near_loops(PyObject *type, PyObject *args, PyObject *named);
PyObject *ef_of_cuts(PyObject *type, PyObject *args, PyObject *named);

/* Copies some bytes objects into `kept` one behind the other, and says where each stands; -1 where more than
   `most` or longer together than `size`, with an exception set. */
Py_ssize_t ef_keep(PyObject *pieces, uint8_t *kept, Py_ssize_t size, EfSpan *spans, Py_ssize_t most);

#endif
