# oneDNN as JavaCPP's dnnl preset ships it (library and headers). The CMake package inside that jar names paths of the
# machine it was built on, so the imported target is spelled out here.
if(NOT DNNL_ROOT)
  message(FATAL_ERROR "DNNL_ROOT is not set: give the folder that holds libdnnl.so.3 and include/ (Maven unpacks it to target/dnnl)")
endif()
add_library(OneDnn SHARED IMPORTED)
set_target_properties(OneDnn PROPERTIES
  IMPORTED_LOCATION ${DNNL_ROOT}/libdnnl.so.3
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${DNNL_ROOT}/include"
  INTERFACE_INCLUDE_DIRECTORIES "${DNNL_ROOT}/include")
set(CMAKE_BUILD_RPATH ${DNNL_ROOT})
# The linker of the JNI library looks for libdnnl.so; the jar has the versioned name alone.
file(CREATE_LINK ${DNNL_ROOT}/libdnnl.so.3 ${CMAKE_BINARY_DIR}/libdnnl.so SYMBOLIC)
