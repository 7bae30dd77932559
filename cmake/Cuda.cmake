# One translation unit for all small kernels: parsing CUDA's headers takes longer than compiling the kernels.
file(GLOB cuda_sources CONFIGURE_DEPENDS common/cuda_backend.cu kernels/*/cuda.cu)
set(cuda_large kernels/attention/cuda.cu kernels/group_norm/cuda.cu)
set(cuda_small "")
set(cuda_units "")
foreach(source ${cuda_sources})
  file(RELATIVE_PATH name ${CMAKE_CURRENT_SOURCE_DIR} ${source})
  if(name IN_LIST cuda_large)
    list(APPEND cuda_units ${source})
  else()
    string(APPEND cuda_small "#include \"${name}\"\n")
  endif()
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/cuda_small.cu CONTENT "// Generated: every small kernel.\n${cuda_small}")
list(APPEND cuda_units ${CMAKE_CURRENT_BINARY_DIR}/cuda_small.cu)


# The CUDA library, if nvcc is found: machine code for FIZZY_CUDA_ARCHITECTURES, and PTX of the first for later GPUs.
# The default is sm_80 with its PTX, which builds in seconds and which a later GPU's driver compiles when it first loads the library, if it is
# not older than nvcc. `all` is what ships (tools/dist, mvn -Pcuda-all).
include(CudaArchitectures)
set(FIZZY_CUDA_ARCHITECTURES 80 CACHE STRING "GPU architectures to compile for, as 80;90a, or all")
find_program(FIZZY_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
if(NOT FIZZY_NVCC)
  message(STATUS "nvcc was not found: this build has no CUDA library (install CUDA 12.9 or later and build again; the CPU needs nothing)")
  return()
endif()
cuda_architectures(${FIZZY_NVCC} "${FIZZY_CUDA_ARCHITECTURES}" cuda_architectures)

set(cuda_codes "")
set(cuda_names "")
foreach(a ${cuda_architectures})
  list(APPEND cuda_codes -gencode arch=compute_${a},code=sm_${a})
  string(APPEND cuda_names "sm_${a} ")
endforeach()
list(GET cuda_architectures 0 first)
list(APPEND cuda_codes -gencode arch=compute_${first},code=compute_${first})
message(STATUS "CUDA library for ${cuda_names}and PTX compute_${first}, by ${FIZZY_NVCC}")
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/cuda_architectures.txt CONTENT "${cuda_names}PTX compute_${first}\n")

list(TRANSFORM include_folders PREPEND -I OUTPUT_VARIABLE cuda_includes)
# Not compressed, since xz makes two thirds of what it makes of compressed code.
set(cuda_flags -std=c++20 -O3 -fmad=false -lineinfo --no-compress --Werror all-warnings -Xptxas -v,--warn-on-spills -Xcompiler -Wall,-Wextra,-fPIC
    "-DFIZZY_CUDA_ARCHITECTURES=\"${cuda_names}PTX compute_${first}\"" ${cuda_includes})
# nvcc is called directly: CMake's CUDA language compiles and links test programs first, which takes seconds per configuration.
# The compiler's report of registers and spills, and the PTX, stay in cuda_units/ for tools/kernel-report.
set(cuda_objects "")
foreach(unit ${cuda_units})
  string(MD5 folder ${unit})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/cuda_units/${folder})
  file(MAKE_DIRECTORY ${folder})
  set(object ${folder}/unit.o)
  set(nvcc_command ${FIZZY_NVCC} ${cuda_flags} ${cuda_codes} -keep -keep-dir ${folder} -MD -MF ${object}.d -c ${unit} -o ${object})
  add_custom_command(OUTPUT ${object} COMMAND ${CMAKE_COMMAND} -D "COMMAND=${nvcc_command}" -D LOG=${folder}/resources.txt -P ${CMAKE_CURRENT_LIST_DIR}/Quietly.cmake
                     DEPENDS ${unit} DEPFILE ${object}.d COMMENT "nvcc ${unit}" VERBATIM)
  list(APPEND cuda_objects ${object})
endforeach()
# nvcc also links, because it knows where its static runtime is.
set(cuda_library ${CMAKE_CURRENT_BINARY_DIR}/libfizzy_cuda.so)
add_custom_command(OUTPUT ${cuda_library} COMMAND ${FIZZY_NVCC} -shared -cudart static ${cuda_objects} -o ${cuda_library} -Xlinker --exclude-libs,ALL
                           -Xlinker --no-undefined -Xlinker -soname,libfizzy_cuda.so
                   DEPENDS ${cuda_objects} COMMENT "Linking libfizzy_cuda.so" VERBATIM)
add_custom_target(fizzy_cuda ALL DEPENDS ${cuda_library})
