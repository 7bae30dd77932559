package dev.fizzy.engine.cuda;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * What JavaCPP is told to parse and link; {@code CudaKernels} is generated from it. Its JNI library
 * is its own, loaded only when a GPU is opened: {@code libfizzy_cuda.so} is found at run time, so a
 * machine without CUDA builds and runs without it.
 */
@Properties(
    value = @Platform(value = "linux-x86_64", include = "fizzy/cuda.h", link = "fizzy_cuda"),
    target = "dev.fizzy.engine.cuda.CudaKernels")
public class CudaConfig implements InfoMapper {
  @Override
  public void map(InfoMap map) {
    // The header needs no exceptions to JavaCPP's own rules.
  }
}
