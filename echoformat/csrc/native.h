/* The compiled part of echoformat: what labels cost most, each with a twin in Python that says the same.

   Rules of the house: input is bytes that nobody checked; every read stays within its buffer, memory is
   bounded, nothing recurses over input, and the lock of the interpreter is let go around long work. */
#ifndef ECHOFORMAT_NATIVE_H
#define ECHOFORMAT_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "the lowest byte is taken to come first; without the compiled part all works there too"
#endif

/* The UTF-8 of a text: of bytes themselves, or what a str keeps of its own; -1 with an exception where it is
   neither, or has none. It lives as long as the text. */
static inline int ef_utf8(PyObject *text, const char **at, Py_ssize_t *size) {
    if (PyUnicode_Check(text)) {
        *at = PyUnicode_AsUTF8AndSize(text, size);
        return *at == NULL ? -1 : 0;
    }
    char *bytes = NULL;
    int failed = PyBytes_AsStringAndSize(text, &bytes, size);
    *at = bytes;
    return failed;
}

/* Of what is offered to Python, here and in echoformat/compiled.py: raise both when that changes. */
#define EF_REVISION 11

/* Each adds what its file offers to the module; -1 with an exception set where it fails. */
int ef_add_scan(PyObject *module);
int ef_add_model(PyObject *module);
int ef_add_ends(PyObject *module);
int ef_add_columns(PyObject *module);
int ef_add_rules(PyObject *module);
int ef_add_combine(PyObject *module);
int ef_add_unlike(PyObject *module);
int ef_add_region(PyObject *module);
int ef_add_plain(PyObject *module);
int ef_add_lines(PyObject *module);
int ef_add_records(PyObject *module);
int ef_add_ledger(PyObject *module);
int ef_add_codes(PyObject *module);

#endif
