package dev.fizzy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory allocator of this process. It matters for libtorch and ONNX Runtime, which allocate
 * every tensor; Fizzy's tensors share one arena.
 */
final class Allocator {
  static final String PRELOAD = "LD_PRELOAD";

  private Allocator() {}

  /** The library's file name, or {@code glibc}. */
  static String name() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .filter(line -> line.matches(".*/lib(jemalloc|tcmalloc|mimalloc)[^/]*"))
          .map(line -> line.substring(line.lastIndexOf('/') + 1))
          .findFirst()
          .orElse("glibc");
    }
  }
}
