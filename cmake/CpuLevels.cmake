# Every kernels/*/cpu.cpp is compiled once per level; the launcher chooses one at run time (native/common/level.h).
# `wide` is the 16-lane code of AVX-512 compiled for AVX2, so that its logic is tested on machines without AVX-512.
function(add_cpu_levels target sources)
  set(flags_avx2 -mavx2 -mfma -mf16c -DFIZZY_LANES=8)
  set(flags_wide -mavx2 -mfma -mf16c -DFIZZY_LANES=16)
  set(flags_avx512 -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx2 -mfma -mprefer-vector-width=512 -DFIZZY_LANES=16)
  set(flags_avx512_bf16 ${flags_avx512} -mavx512bf16)
  foreach(level avx2 wide avx512 avx512_bf16)
    add_library(${target}_${level} OBJECT ${sources})
    target_include_directories(${target}_${level} PRIVATE include ${CMAKE_CURRENT_SOURCE_DIR})
    # -ffp-contract=off: a*b+c is fused only where the code requests it, so that levels give the same bits where they should.
    target_compile_options(${target}_${level} PRIVATE ${flags_${level}} -DFIZZY_LEVEL=${level} -O3 -ffp-contract=off)
    target_link_libraries(${target}_${level} PRIVATE OpenMP::OpenMP_CXX Warnings Sanitizers)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${level}>)
  endforeach()
endfunction()
