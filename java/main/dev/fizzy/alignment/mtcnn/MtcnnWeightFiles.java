package dev.fizzy.alignment.mtcnn;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorDigest;
import dev.fizzy.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weights of all three networks in a folder: {@code det1.npy}, {@code det2.npy} and {@code
 * det3.npy} of facenet, pickled dicts of layers, or {@code pnet}, {@code rnet} and {@code onet} as
 * state dicts of facenet-pytorch, .pt or .safetensors. The content tells which of the two a file
 * is.
 */
public record MtcnnWeightFiles(
    MtcnnWeights proposal, MtcnnWeights refinement, MtcnnWeights output) {

  private static final List<List<String>> NAMES =
      List.of(
          List.of("det1.npy", "det2.npy", "det3.npy"),
          List.of("pnet.pt", "rnet.pt", "onet.pt"),
          List.of("pnet.pth", "rnet.pth", "onet.pth"),
          List.of("pnet.safetensors", "rnet.safetensors", "onet.safetensors"));

  public static MtcnnWeightFiles open(Path folder) {
    for (List<String> names : NAMES) {
      List<Path> files = names.stream().map(folder::resolve).toList();
      if (files.stream().allMatch(Files::isRegularFile)) {
        List<MtcnnWeights> read = files.stream().map(MtcnnWeightFiles::read).toList();
        return new MtcnnWeightFiles(read.get(0), read.get(1), read.get(2));
      }
    }
    throw new FileException(
        folder
            + (Files.isDirectory(folder) ? " contains no weights of MTCNN" : " is not a folder")
            + "; expected det1.npy, det2.npy and det3.npy, or pnet, rnet and onet as .pt or"
            + " .safetensors");
  }

  /** Checksum of all weights. */
  public String digest() {
    TensorDigest digest = new TensorDigest();
    for (MtcnnWeights network : List.of(proposal, refinement, output)) {
      new TreeMap<>(network.tensors()).forEach((name, array) -> digest.add(name, array.values()));
    }
    return digest.hex();
  }

  private static MtcnnWeights read(Path file) {
    Map<String, MtcnnWeights.Array> tensors = new HashMap<>();
    try (TensorFile in = TensorFile.open(file)) {
      for (String name : in.names()) {
        StoredTensor stored = in.tensor(name);
        if (stored.elements() > MtcnnWeights.LARGEST) {
          throw new FileException(
              file + " is not a network of MTCNN: its tensor " + name + " is " + stored);
        }
        int[] shape = Arrays.stream(stored.shape()).mapToInt(Math::toIntExact).toArray();
        tensors.put(name, new MtcnnWeights.Array(shape, stored.floats()));
      }
    }
    boolean facenet = tensors.keySet().stream().anyMatch(n -> n.endsWith(".weights"));
    return new MtcnnWeights(file.toString(), facenet ? published(tensors) : tensors);
  }

  /**
   * Facenet's layers with PyTorch's names and axes. Facenet's networks take images with x and y
   * exchanged, so the weights of a convolution are [column, row, in, out]; those of a dense layer
   * are [in, out].
   */
  private static Map<String, MtcnnWeights.Array> published(Map<String, MtcnnWeights.Array> layers) {
    Map<String, MtcnnWeights.Array> tensors = new HashMap<>();
    layers.forEach(
        (name, array) -> {
          String layer = name.substring(0, Math.max(0, name.lastIndexOf('.')));
          MtcnnWeights.Array weights = layers.get(layer + ".weights");
          boolean dense = weights != null && weights.shape().length == 2;
          String kind = name.substring(layer.length() + (layer.isEmpty() ? 0 : 1));
          String ours = layer.toLowerCase(Locale.ROOT).replace('-', '_');
          ours = dense ? ours.replace("conv", "dense") : ours;
          switch (kind) {
            case "weights" -> tensors.put(ours + ".weight", reversed(array));
            case "biases" -> tensors.put(ours + ".bias", array);
            case "alpha" -> tensors.put(ours + ".weight", array);
            default -> tensors.put(name, array);
          }
        });
    return tensors;
  }

  /** The array with its dimensions in reverse order. */
  private static MtcnnWeights.Array reversed(MtcnnWeights.Array array) {
    int rank = array.shape().length;
    int[] shape = new int[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = array.shape()[rank - 1 - i];
    }
    float[] values = new float[array.values().length];
    for (int from = 0; from < values.length; from++) {
      int to = 0;
      int rest = from;
      int step = values.length;
      for (int i = rank - 1; i >= 0; i--) {
        int extent = array.shape()[i];
        step /= extent;
        to += rest % extent * step;
        rest /= extent;
      }
      values[to] = array.values()[from];
    }
    return new MtcnnWeights.Array(shape, values);
  }
}
