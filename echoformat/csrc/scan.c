#include "native.h"

int ef_add_scan(PyObject *module) {
    (void)module;
    return 0;
}
