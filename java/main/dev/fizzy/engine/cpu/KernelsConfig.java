package dev.fizzy.engine.cpu;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** What JavaCPP is told to parse and link; {@code Kernels} is generated from it. */
@Properties(
    value =
        @Platform(
            value = "linux-x86_64",
            include = "fizzy/kernels.h",
            link = {"dnnl@.3", "fizzy"},
            preload = {"gomp@.1", "dnnl@.3"},
            preloadresource = "/org/bytedeco/dnnl/"),
    target = "dev.fizzy.engine.cpu.Kernels",
    helper = "dev.fizzy.engine.cpu.KernelsHelper")
public class KernelsConfig implements InfoMapper {
  @Override
  public void map(InfoMap map) {
    // The header needs no exceptions to JavaCPP's own rules.
  }
}
