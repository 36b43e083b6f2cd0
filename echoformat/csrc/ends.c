#include "native.h"

int ef_add_ends(PyObject *module) {
    (void)module;
    return 0;
}
