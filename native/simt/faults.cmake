# Deliberate faults in copies of real kernels, each with a part of the message that the emulator must give, in every lane order. fault(name
# kernel file text replacement message): the text must occur in the file exactly once.
function(fault name kernel file text replacement sentence)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/faults/${name})
  set(original ${CMAKE_CURRENT_SOURCE_DIR}/../${file})
  file(READ ${original} content)
  if(NOT text STREQUAL "")
    string(REPLACE "${text}" "${replacement}" changed "${content}")
    string(LENGTH "${content}" before)
    string(LENGTH "${changed}" after)
    string(LENGTH "${text}" cut)
    string(LENGTH "${replacement}" put)
    math(EXPR expected "${before} - ${cut} + ${put}")
    if(NOT after EQUAL expected OR changed STREQUAL content)
      message(FATAL_ERROR "faults.cmake: the text of '${name}' does not occur in ${file} exactly once; adapt it to the kernel")
    endif()
    file(CONFIGURE OUTPUT ${folder}/${file} CONTENT "${changed}" @ONLY)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${original})
  endif()
  string(TOUPPER ${kernel} upper)
  add_executable(fault_${name} EXCLUDE_FROM_ALL $<TARGET_OBJECTS:fizzy_simt_runtime> faults.cu $<TARGET_OBJECTS:fizzy_references>)
  target_include_directories(fault_${name} BEFORE PRIVATE ${folder} ${include_folders})
  target_compile_options(fault_${name} PRIVATE -O1 -ffp-contract=off -fno-strict-aliasing ${simt_checked} -DFAULT_${upper})
  target_link_libraries(fault_${name} PRIVATE Warnings)
  add_dependencies(tests fault_${name})
  add_test(NAME fault_${name} COMMAND fault_${name} ${sentence})
endfunction()
set_source_files_properties(faults.cu PROPERTIES LANGUAGE CXX)

set(tensor kernels/attention/tensor.cuh)
fault(none_in_attention attention ${tensor} "" "" "clean")
fault(barrier_in_attention attention ${tensor}
  [[    multiply<TILE, D>(out, p, keys + TILE * PITCH<D>);
    __syncthreads();]] [[    multiply<TILE, D>(out, p, keys + TILE * PITCH<D>);]] "shared memory: ")
fault(lax_wait attention ${tensor}
  [[      wait_copies<0>();
    }
    __syncthreads();
    if (tile == 0) left_operand<D>(queries]] [[      wait_copies<1>();
    }
    __syncthreads();
    if (tile == 0) left_operand<D>(queries]] "asynchronous copy")
fault(fragment attention ${tensor} [[lane % 16 * PITCH<D> + lane / 16 * 8;
#pragma unroll
  for (int k = 0; k < DEPTH / 16]] [[lane % 16 * PITCH<D> + lane / 16 * 8 % 8;
#pragma unroll
  for (int k = 0; k < DEPTH / 16]] "wrong result")
fault(packing attention ${tensor} [[pack_bf16(p[2 * k][2], p[2 * k][3]), pack_bf16(p[2 * k + 1][0], p[2 * k + 1][1])]]
  [[pack_bf16(p[2 * k + 1][0], p[2 * k + 1][1]), pack_bf16(p[2 * k][2], p[2 * k][3])]] "wrong result")
fault(bound_of_rows attention ${tensor} [[bool present = source < from.rows;]] [[bool present = source <= from.rows;]] "out of bounds")
fault(bound_of_results attention ${tensor} [[if (first + row < to.rows)]] [[if (first + row <= to.rows)]] "out of bounds")
fault(none_in_group_norm group_norm kernels/group_norm/cuda.cu "" "" "clean")
fault(barrier_in_group_norm group_norm kernels/group_norm/forward.cuh [[  __syncthreads();
  int lane = threadIdx.x % 32;
  for (int group]] [[  int lane = threadIdx.x % 32;
  for (int group]] "shared memory: ")
fault(totals_not_kept group_norm kernels/group_norm/backward.cuh [[  keep_totals(n, image, d1, d2);
  if (!dx) return;
  group_means<W>(n, image, d1, d2, m1, m2);
  input_gradient<true>]] [[  group_means<W>(n, image, d1, d2, m1, m2);
  input_gradient<true>]] "that was never written")
fault(none_in_clusters cluster kernels/group_norm/cuda.cu "" "" "clean")
fault(reads_before_the_cluster cluster kernels/group_norm/forward.cuh [[  cluster_barrier();
  float *mean]] [[  float *mean]] "shared memory: ")
fault(leaves_the_cluster cluster kernels/group_norm/forward.cuh [[  cluster_barrier();  // a block]] [[  __syncthreads();  // a block]] "shared memory: the block leaves")

add_executable(simt_checks EXCLUDE_FROM_ALL $<TARGET_OBJECTS:fizzy_simt_runtime> checks.cu)
set_source_files_properties(checks.cu PROPERTIES LANGUAGE CXX)
target_include_directories(simt_checks PRIVATE ${include_folders})
target_compile_options(simt_checks PRIVATE -O1 -ffp-contract=off -fno-strict-aliasing ${simt_checked})
target_link_libraries(simt_checks PRIVATE Warnings)
add_dependencies(tests simt_checks)
add_test(NAME simt_checks COMMAND simt_checks)
