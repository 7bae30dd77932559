package dev.fizzy.engine.kernels;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** What JavaCPP is told to parse and link; {@code Native}, the only door to C++, is generated. */
@Properties(
    value =
        @Platform(
            value = "linux-x86_64",
            include = {"fizzy/backend.h", "fizzy/cpu.h"},
            link = {"dnnl@.3", "fizzy"},
            preload = {"gomp@.1", "dnnl@.3"},
            preloadresource = "/org/bytedeco/dnnl/"),
    target = "dev.fizzy.engine.kernels.Native",
    helper = "dev.fizzy.engine.kernels.NativeHelper")
public class NativeConfig implements InfoMapper {
  @Override
  public void map(InfoMap map) {
    // Cast is an annotation that the generated code itself uses.
    map.put(new Info("fizzy::Backend::Cast").pointerTypes("CastType"));
  }
}
