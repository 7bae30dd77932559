# Every kernels/*/cpu.cpp is compiled once per level; the launcher chooses one at run time (native/common/level.h). A level is four units:
# the two kernels that take longest to compile, and the others in two.
# `wide` is the 16-lane code of AVX-512 compiled for AVX2, so that its logic is tested on machines without AVX-512. Native tests link
# ${target}_wide, which is empty where the processor has AVX-512 (cmake -DFIZZY_WIDE=ON fills it all the same).
set(flags_avx2 -mavx2 -mfma -mf16c -DFIZZY_LANES=8)
set(flags_wide -mavx2 -mfma -mf16c -DFIZZY_LANES=16)
set(flags_avx512 -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx2 -mfma -mprefer-vector-width=512 -DFIZZY_LANES=16)
set(flags_avx512_bf16 ${flags_avx512} -mavx512bf16)

function(add_cpu_levels target sources)
  set(levels avx2 avx512 avx512_bf16)
  file(STRINGS /proc/cpuinfo avx512 REGEX avx512dq LIMIT_COUNT 1)
  if(FIZZY_WIDE OR NOT avx512)
    list(APPEND levels wide)
  endif()
  set_source_files_properties(kernels/attention/cpu.cpp kernels/group_norm/cpu.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  add_library(${target}_wide INTERFACE)
  foreach(level ${levels})
    set(objects ${target}_${level}_objects)
    add_library(${objects} OBJECT EXCLUDE_FROM_ALL ${sources})
    set_target_properties(${objects} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 13)
    target_include_directories(${objects} PRIVATE include ${CMAKE_CURRENT_SOURCE_DIR})
    # -ffp-contract=off: a*b+c is fused only where the code says so, so that levels agree where they are meant to.
    target_compile_options(${objects} PRIVATE ${flags_${level}} -DFIZZY_LEVEL=${level} -O3 -ffp-contract=off)
    target_link_libraries(${objects} PRIVATE OpenMP::OpenMP_CXX Warnings Sanitizers)
    if(level STREQUAL wide)
      target_sources(${target}_wide INTERFACE $<TARGET_OBJECTS:${objects}>)
    else()
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
    endif()
    # A level shares no function with the rest of the program: the linker might choose the level's copy, which other processors cannot run.
    if(CMAKE_BUILD_TYPE STREQUAL Release AND NOT FIZZY_SANITIZE)
      add_test(NAME linkage_${level} COMMAND sh -c "! nm -C \"$@\" | grep ' W ' | grep -v 'fizzy::${level}::'" nm $<TARGET_OBJECTS:${objects}> COMMAND_EXPAND_LISTS)
    endif()
  endforeach()
endfunction()
