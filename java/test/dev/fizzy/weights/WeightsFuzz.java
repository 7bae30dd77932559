package dev.fizzy.weights;

import dev.fizzy.fuzz.FuzzTarget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The parsers of this package, for the fuzzer. */
public final class WeightsFuzz {
  private WeightsFuzz() {}

  public static List<FuzzTarget> targets() {
    try {
      Path folder = Files.createTempDirectory("fizzy-fuzz");
      byte[] shard = Samples.safetensors(folder);
      Path beside = folder.resolve("made.safetensors");
      String index =
          "{\"metadata\":{\"total_size\":32},\"weight_map\":{\"w\":\"made.safetensors\","
              + "\"b\":\"made.safetensors\"}}";
      return List.of(
          FuzzTarget.of(
              "torch-zip.pt",
              WeightsFuzz::read,
              Samples.torchZip(ByteOrder.LITTLE_ENDIAN),
              Samples.torchZip(ByteOrder.BIG_ENDIAN)),
          FuzzTarget.of("torch-stream.pth", WeightsFuzz::read, Samples.torchStream()),
          FuzzTarget.of("arrays.pkl", WeightsFuzz::read, Samples.arrays(), Samples.stateless()),
          FuzzTarget.of("array.npy", WeightsFuzz::read, Samples.npy(), Samples.npyObjects()),
          FuzzTarget.of("arrays.npz", WeightsFuzz::read, Samples.npz(false), Samples.npz(true)),
          FuzzTarget.of("weights.safetensors", WeightsFuzz::read, shard),
          FuzzTarget.of(
              "index.json",
              file -> {
                Files.copy(
                    beside,
                    file.resolveSibling("made.safetensors"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                read(file);
              },
              index.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void read(Path file) {
    try (TensorFile in = TensorFile.open(file)) {
      in.tensors().values().forEach(StoredTensor::floats);
    }
  }
}
