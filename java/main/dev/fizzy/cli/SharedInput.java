package dev.fizzy.cli;

import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.identity.Embeddings;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** An input that every machine of a cluster has at the same path. */
final class SharedInput {
  private static final String MANIFEST = "manifest(-\\d+-of-\\d+)?\\.jsonl|manifest\\.parquet";
  private static final List<String> PACKS = List.of(".tar", ".gz", ".tgz", ".rec", ".parquet");

  private SharedInput() {}

  /** The checksum of a file, or nothing without one. */
  static String file(Path file) {
    return file == null ? "" : Sha256.of(file);
  }

  /** A checksum of the names of images. */
  static String names(ImageSource images) {
    return names(images.count(), images::name);
  }

  /**
   * A checksum of a set of images: their names, the sizes of their files, and the manifest, which
   * has the checksum of each image, if the set has one.
   */
  static String images(Path location, ImageSource images) {
    List<Path> files = packed(location);
    MessageDigest digest = Sha256.digest();
    LongStream sizes =
        images.count() > 0 && new File(location.toFile(), images.name(0)).isFile()
            ? IntStream.range(0, images.count())
                .mapToLong(i -> new File(location.toFile(), images.name(i)).length())
            : files.stream()
                .filter(f -> f.equals(location) || isPack(f))
                .mapToLong(file -> file.toFile().length());
    sizes.forEach(size -> digest.update((size + "\n").getBytes(StandardCharsets.UTF_8)));
    files.stream()
        .filter(file -> file.getFileName().toString().matches(MANIFEST))
        .forEach(file -> digest.update(Sha256.of(file).getBytes(StandardCharsets.UTF_8)));
    return names(images) + " " + Sha256.hex(digest.digest());
  }

  private static boolean isPack(Path file) {
    String name = file.getFileName().toString();
    return PACKS.stream().anyMatch(name::endsWith);
  }

  /** The file, or the files of a folder in the order of their names, without its subfolders. */
  private static List<Path> packed(Path location) {
    if (!Files.isDirectory(location)) {
      return List.of(location);
    }
    try (Stream<Path> files = Files.list(location)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw FileException.of("list", location, e);
    }
  }

  static String names(int count, IntFunction<String> name) {
    MessageDigest digest = Sha256.digest();
    for (int i = 0; i < count; i++) {
      digest.update((name.apply(i) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return Sha256.hex(digest.digest());
  }

  /** A checksum of the names of vectors and of their files. */
  static String vectors(Path location, Embeddings vectors) {
    try (Stream<Path> all = Files.walk(location)) {
      List<Path> files = all.filter(Files::isRegularFile).sorted().toList();
      String content = files.parallelStream().map(Sha256::of).collect(Collectors.joining(" "));
      return Sha256.of(content.getBytes(StandardCharsets.UTF_8))
          + " "
          + names(vectors.size(), vectors.names()::get);
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
