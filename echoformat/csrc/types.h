/* Types of the module: added to it, and their objects made and unmade. */
#ifndef ECHOFORMAT_TYPES_H
#define ECHOFORMAT_TYPES_H

#include "native.h"

/* Adds a type to the module; -1 with an exception set where it fails. */
static inline int ef_add_type(PyObject *module, const char *name, PyType_Spec *spec) {
    PyObject *type = PyType_FromSpec(spec);
    if (type == NULL) {
        return -1;
    }
    int failed = PyModule_AddObjectRef(module, name, type);
    Py_DECREF(type);
    return failed;
}

/* An empty object of a type, all zeros behind its head; NULL with an exception set. */
static inline void *ef_make(PyTypeObject *type) {
    return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
}

/* Frees an object whose own memory is freed already. */
static inline void ef_unmake(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

#endif
