package dev.fizzy.engine.kernels;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Tells JavaCPP what to parse and link. It generates {@code Native}, the only access to C++. */
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
    // The generated code uses the annotation Cast.
    map.put(new Info("fizzy::Backend::Cast").pointerTypes("CastType"));
  }
}
