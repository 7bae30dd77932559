package dev.fizzy.identity;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Tensor;
import dev.fizzy.file.FileException;
import dev.fizzy.file.FileSignature;
import dev.fizzy.file.Sha256;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.embedder.FrozenEmbedder;
import dev.fizzy.model.embedder.Preset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A network that is not trained and whose features compare faces in a loss: a recognizer trained by
 * Fizzy, or an ONNX network.
 *
 * @param sha256 checksum of the file
 * @param features records the features of faces [B,S,S,3] in [-1,1]: maps [B,H,W,C] and, last, the
 *     embedding
 * @param fill fills the VALUES of the network's parameters
 */
public record FrozenFeatures(
    String sha256, Function<Tensor, List<Tensor>> features, Consumer<Parameters> fill) {
  private static final String PREFIX = "perceptual";

  /**
   * @param preset how an ONNX network's faces are prepared, or null as in {@link Embedder#open}
   * @param feature the output of an ONNX network that is the embedding, or null
   * @param maps names of the values of an ONNX network that are compared; if empty, the last map of
   *     each resolution
   */
  public static FrozenFeatures open(Path file, Preset preset, String feature, List<String> maps) {
    if (signature(file) != FileSignature.SAFETENSORS) {
      FrozenEmbedder network = FrozenEmbedder.open(file, preset, feature, PREFIX);
      return new FrozenFeatures(
          Sha256.of(file), faces -> all(network.features(faces, maps)), network::fill);
    }
    if (!maps.isEmpty()) {
      throw new FileException(
          "the maps of the recognizer " + file + " have no names; only an ONNX network's have");
    }
    try (RecognizerFile recognizer = RecognizerFile.open(file)) {
      IResNetConfig config = recognizer.config();
      return new FrozenFeatures(
          recognizer.sha256(), faces -> features(config, faces), all -> fill(file, all));
    }
  }

  static FileSignature signature(Path file) {
    try {
      return FileSignature.of(file);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  private static List<Tensor> all(FrozenEmbedder.Features found) {
    List<Tensor> all = new ArrayList<>(found.maps());
    all.add(found.vectors());
    return all;
  }

  private static List<Tensor> features(IResNetConfig config, Tensor faces) {
    if (config.size() != faces.dim(1)) {
      throw new EngineException(
          "the recognizer takes faces of "
              + config.size()
              + " pixels, the autoencoder makes "
              + faces.dim(1));
    }
    return new IResNet(faces.graph(), config, IResNet.Mode.FROZEN).features(faces);
  }

  private static void fill(Path file, Parameters all) {
    try (RecognizerFile recognizer = RecognizerFile.open(file)) {
      Recognizer.fill(recognizer, all);
    }
  }
}
