/* The module itself: what the files beside it offer, under one name. */
#include "native.h"

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", "The compiled part of echoformat.", -1, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) {
        return NULL;
    }
    if (PyModule_AddIntConstant(module, "REVISION", EF_REVISION) < 0 || ef_add_scan(module) < 0 ||
        ef_add_model(module) < 0 || ef_add_ends(module) < 0 || ef_add_columns(module) < 0 ||
        ef_add_unlike(module) < 0 || ef_add_region(module) < 0 || ef_add_plain(module) < 0 || ef_add_lines(module) < 0 ||
        ef_add_records(module) < 0 || ef_add_rules(module) < 0 || ef_add_combine(module) < 0 || ef_add_ledger(module) < 0 ||
        ef_add_codes(module) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
