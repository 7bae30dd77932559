# oneDNN from JavaCPP's dnnl preset (library and headers). The CMake package in that jar contains paths of the machine that built
# it, so the imported target is defined here.
if(NOT DNNL_ROOT)
  message(FATAL_ERROR "DNNL_ROOT is not set: give the folder that contains libdnnl.so.3, libgomp.so.1 and include/ (Maven unpacks it to target/dnnl)")
endif()
add_library(OneDnn SHARED IMPORTED)
set_target_properties(OneDnn PROPERTIES
  IMPORTED_LOCATION ${DNNL_ROOT}/libdnnl.so.3
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${DNNL_ROOT}/include"
  INTERFACE_INCLUDE_DIRECTORIES "${DNNL_ROOT}/include")
# Programs link the OpenMP runtime that oneDNN loads, not the compiler's, so that a process has one. CMake makes its folder their RPATH.
set(OpenMP_gomp_LIBRARY ${DNNL_ROOT}/libgomp.so.1)
# The linker of the JNI library looks for libdnnl.so; the jar has only the versioned name.
file(CREATE_LINK ${DNNL_ROOT}/libdnnl.so.3 ${CMAKE_BINARY_DIR}/libdnnl.so SYMBOLIC)
