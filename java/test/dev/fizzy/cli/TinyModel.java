package dev.fizzy.cli;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.identity.UniformContexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Faces, an autoencoder and a model of configuration tiny, trained once for all tests. */
final class TinyModel {
  static final int FACES = 10;
  static final int WIDTH = 512;

  private static Path folder;

  private TinyModel() {}

  static synchronized Path folder() throws IOException {
    if (folder == null) {
      Path made = Files.createTempDirectory("fizzy-tiny");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(made)));
      for (int i = 0; i < FACES; i++) {
        Pictures.blob(made.resolve("faces").resolve("face" + i + ".png"), 24, i);
      }
      Cli.run(
              "train",
              "autoencoder",
              "--faces",
              made.resolve("faces"),
              "--out",
              made.resolve("ae"),
              "--config",
              "tiny",
              "--steps",
              5,
              "--batch",
              4,
              "--warmup",
              1,
              "--sample-every",
              0)
          .ok();
      Cli.run(
              "train",
              "diffusion",
              "--faces",
              made.resolve("faces"),
              "--out",
              made.resolve("model"),
              "--config",
              "tiny",
              "--steps",
              10,
              "--batch",
              4,
              "--warmup",
              1,
              "--lr",
              1e-2,
              "--sample-every",
              0,
              "--autoencoder",
              made.resolve("ae/autoencoder.safetensors"))
          .ok();
      UniformContexts.of(4, WIDTH, 5).write(made.resolve("contexts.npy"));
      folder = made;
    }
    return folder;
  }

  static Path faces() throws IOException {
    return folder().resolve("faces");
  }

  static Path autoencoder() throws IOException {
    return folder().resolve("ae/autoencoder.safetensors");
  }

  static Path model() throws IOException {
    return folder().resolve("model/model.safetensors");
  }

  /** What `--type auto` is on this machine. */
  static String type() {
    return TypeChoice.AUTO.on(List.of("cpu")).name();
  }

  /** Four identities of the model's width. */
  static Path contexts() throws IOException {
    return folder().resolve("contexts.npy");
  }

  private static void delete(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // The system's temporary folder is emptied by the system.
    }
  }
}
