package dev.fizzy.rival;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.weights.Safetensors.Type;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import dev.fizzy.weights.TorchZip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** libtorch as the other party: it reads the files our tests make, and we read those it writes. */
class TorchFilesTest {
  private static final float[] VALUES = {1, -2, 3.5f, 0, 5, 6};

  @TempDir Path folder;

  @Test
  void libtorchReadsOursAndWeReadWhatItWritesOfIt() throws IOException {
    Path ours =
        new TorchZip()
            .add("net.w", VALUES, 3, 2)
            .add("net.b", new float[] {7, 8}, 2)
            .write(folder.resolve("ours.pt"));
    try (PointerScope scope = new PointerScope()) {
      assertTrue(
          Torch.of(VALUES, new int[] {6}, ScalarType.Float, MemoryFormat.Contiguous).defined());
      IValue loaded = torch.pickle_load(new ByteVector(Files.readAllBytes(ours)));
      GenericDict dict = loaded.toGenericDict();
      assertEquals(2, dict.size());
      Tensor w = dict.at(new IValue("net.w")).toTensor();
      assertArrayEquals(VALUES, Torch.floats(w, false));
      Path theirs = folder.resolve("theirs.bin");
      Files.write(theirs, torch.pickle_save(loaded).get());
      try (TensorFile in = TensorFile.open(theirs)) {
        assertEquals(List.of("net.w", "net.b"), List.copyOf(in.names()));
        assertArrayEquals(new long[] {3, 2}, in.tensor("net.w").shape());
        assertArrayEquals(VALUES, in.tensor("net.w").floats());
        assertArrayEquals(new float[] {7, 8}, in.tensor("net.b").floats());
      }
    }
  }

  @Test
  void everyTypeAndStridesOfLibtorch() {
    Map<ScalarType, Type> types =
        Map.of(
            ScalarType.Float, Type.F32,
            ScalarType.Double, Type.F64,
            ScalarType.Half, Type.F16,
            ScalarType.BFloat16, Type.BF16,
            ScalarType.Long, Type.I64,
            ScalarType.Int, Type.I32,
            ScalarType.Short, Type.I16,
            ScalarType.Char, Type.I8,
            ScalarType.Bool, Type.BOOL);
    Path file = folder.resolve("archive");
    try (PointerScope scope = new PointerScope()) {
      OutputArchive archive = new OutputArchive();
      Tensor x = Torch.of(VALUES, new int[] {3, 2}, ScalarType.Float, MemoryFormat.Contiguous);
      types.forEach((theirs, ours) -> archive.write(ours.name(), x.to(theirs)));
      archive.write("turned", x.t());
      archive.write("part", x.narrow(0, 1, 2));
      archive.save_to(file.toString());
    }
    try (TensorFile in = TensorFile.open(file)) {
      types
          .values()
          .forEach(
              type -> {
                StoredTensor tensor = in.tensor(type.name());
                assertEquals(type, tensor.type());
                assertArrayEquals(new long[] {3, 2}, tensor.shape());
                float[] read = tensor.floats();
                for (int i = 0; i < read.length; i++) {
                  float v = VALUES[i];
                  float whole = type == Type.BOOL ? (v == 0 ? 0 : 1) : (int) v;
                  boolean real = type.name().contains("F");
                  assertEquals(real ? v : whole, read[i], type + " " + i);
                }
              });
      assertArrayEquals(new float[] {1, 3.5f, 5, -2, 0, 6}, in.tensor("turned").floats());
      assertArrayEquals(new float[] {3.5f, 0, 5, 6}, in.tensor("part").floats());
    }
  }
}
