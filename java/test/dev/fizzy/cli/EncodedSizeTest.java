package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.fizzy.weights.Safetensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that draw larger faces than they encode. */
class EncodedSizeTest {
  private static final int LARGER = 24;

  @TempDir Path folder;

  /** The configuration tiny, which encodes 16 pixels, drawing 24. */
  private Path config() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/dev/fizzy/model/configs/tiny.json")) {
      String tiny = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String larger =
          tiny.replace("\"image_size\": 16", "\"image_size\": 24, \"encoded_size\": 16")
              .replace("\"name\": \"tiny\"", "\"name\": \"larger\"");
      return Files.writeString(folder.resolve("larger.json"), larger);
    }
  }

  private Cli.Result train(String kind, String out, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("train", kind, "--faces", TinyModel.faces()));
    args.addAll(List.of("--batch", 2, "--steps", 1, "--out", folder.resolve(out)));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private void draws(Path model, String set, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("generate", "--images", 1, "--steps", 2));
    args.addAll(List.of("--model", model, "--contexts", TinyModel.contexts()));
    args.addAll(List.of("--out", folder.resolve(set)));
    args.addAll(List.of(more));
    Cli.run(args.toArray()).ok();
    BufferedImage image = ImageIO.read(folder.resolve(set).resolve("000000/00000.png").toFile());
    assertEquals(LARGER, image.getWidth());
    assertEquals(LARGER, image.getHeight());
  }

  /** A decoder for larger faces is trained alone; the U-Net and its latents stay. */
  @Test
  void aModelIsGivenADecoderOfLargerFaces() throws IOException {
    Path from = TinyModel.autoencoder();
    train(
            "autoencoder",
            "ae",
            "--config",
            config(),
            "--from",
            from,
            "--decoder-only",
            "--holdout",
            2,
            "--sample-every",
            1)
        .ok();
    Path autoencoder = folder.resolve("ae/autoencoder.safetensors");
    try (Safetensors small = Safetensors.open(from);
        Safetensors large = Safetensors.open(autoencoder)) {
      assertEquals(small.names(), large.names());
      for (String name : List.of("encoder.conv_in.weight", "decoder.conv_in.weight")) {
        boolean same = Arrays.equals(small.floats(name), large.floats(name));
        assertEquals(name.startsWith("encoder"), same, name);
      }
    }
    Path model = folder.resolve("larger.safetensors");
    Object[] swap = {"--model", TinyModel.model(), "--autoencoder", autoencoder, "--out", model};
    List<Object> args = new ArrayList<>(List.of("model", "decoder"));
    args.addAll(List.of(swap));
    Cli.run(args.toArray()).ok();
    draws(model, "set");

    train("decoder", "decoder", "--model", model).ok();
    draws(model, "small", "--decoder", folder.resolve("decoder/decoder.safetensors"));
    assertFalse(
        Arrays.equals(
            Files.readAllBytes(folder.resolve("set/000000/00000.png")),
            Files.readAllBytes(folder.resolve("small/000000/00000.png"))));

    train("decoder", "other", "--model", TinyModel.model()).ok();
    List<Object> wrong = new ArrayList<>(List.of("generate", "--images", 1, "--model", model));
    wrong.addAll(List.of("--contexts", TinyModel.contexts(), "--out", folder.resolve("wrong")));
    wrong.addAll(List.of("--decoder", folder.resolve("other/decoder.safetensors")));
    Cli.run(wrong.toArray()).refused("draws faces of 16 pixels from latents of 8x8, the model");

    for (String network : List.of("encoder", "decoder")) {
      Path onnx = folder.resolve(network + ".onnx");
      Cli.run("model", "export", "--model", model, "--network", network, "--out", onnx).ok();
    }
  }

  /** In a folder with the latents of faces of that size that were encoded otherwise. */
  @Test
  void aUNetIsTrainedOnTheSmallerLatents() throws IOException {
    Path ae = TinyModel.autoencoder();
    Path smaller = config();
    String larger =
        Files.readString(smaller)
            .replace(", \"encoded_size\": 16", "")
            .replace("\"size\": 8", "\"size\": 12");
    Path native24 = Files.writeString(folder.resolve("native.json"), larger);
    for (Path config : List.of(native24, smaller)) {
      train("diffusion", "model", "--config", config, "--autoencoder", ae).ok();
      Files.delete(folder.resolve("model/checkpoint.safetensors"));
    }
    draws(folder.resolve("model/model.safetensors"), "set");
  }
}
