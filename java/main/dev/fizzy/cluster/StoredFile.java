package dev.fizzy.cluster;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of an output.
 *
 * @param name relative to the output's folder, with '/'
 */
record StoredFile(String name, long bytes, String sha256) {
  /** A local file that is to become the output's file of that name. */
  static StoredFile of(Path file, String name) {
    try {
      return new StoredFile(name, Files.size(file), Sha256.of(file));
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  static StoredFile of(byte[] content, String name) {
    return new StoredFile(name, content.length, Sha256.of(content));
  }
}
