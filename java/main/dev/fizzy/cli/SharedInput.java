package dev.fizzy.cli;

import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.identity.Embeddings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** An input that every machine of a cluster has at the same path. */
final class SharedInput {
  private SharedInput() {}

  /** A checksum of the names of images. */
  static String names(ImageSource images) {
    return names(images.count(), images::name);
  }

  static String names(int count, IntFunction<String> name) {
    MessageDigest digest = Sha256.digest();
    for (int i = 0; i < count; i++) {
      digest.update((name.apply(i) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return Sha256.hex(digest.digest());
  }

  /** A checksum of the names of vectors and of the sizes of their files. */
  static String vectors(Path location, Embeddings vectors) {
    try (Stream<Path> files = Files.walk(location)) {
      long bytes = files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
      return bytes + " " + vectors.width() + " " + names(vectors.size(), vectors.names()::get);
    } catch (IOException e) {
      throw FileException.of("list", location, e);
    }
  }

  /** Throws if this machine has another input than the driver. */
  static void check(Path input, String here, String driver) {
    if (!here.equals(driver)) {
      throw new FileException(
          input
              + " is not the same here as on the driver; with --cluster every machine must have the"
              + " same files at this path");
    }
  }
}
