package dev.fizzy.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that NumPy 2.4 and Python 3.11 wrote: {"anna": arange(6) as f4 [2,3], "ben": twice that as
 * big-endian f8 in Fortran order}.
 */
class NumpyFilesTest {
  private static Path file(String name) throws URISyntaxException {
    return Path.of(NumpyFilesTest.class.getResource("numpy/" + name).toURI());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dict-0.pkl",
        "dict-1.pkl",
        "dict-2.pkl",
        "dict-3.pkl",
        "dict-4.pkl",
        "dict-5.pkl",
        "dict.npy",
        "plain.npz",
        "packed.npz"
      })
  void readsWhatNumpyWrites(String name) throws URISyntaxException {
    try (TensorFile in = TensorFile.open(file(name))) {
      assertEquals(List.of("anna", "ben"), List.copyOf(in.names()));
      assertEquals(Safetensors.Type.F32, in.tensor("anna").type());
      assertEquals(Safetensors.Type.F64, in.tensor("ben").type());
      assertArrayEquals(new long[] {2, 3}, in.tensor("ben").shape());
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, in.tensor("anna").floats());
      assertArrayEquals(new float[] {0, 2, 4, 6, 8, 10}, in.tensor("ben").floats());
    }
  }

  @Test
  void readsListsOfBytesAndFlags() throws URISyntaxException {
    try (TensorFile in = TensorFile.open(file("list.pkl"))) {
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, in.tensor("0.1").floats());
      assertEquals("4 bytes", in.metadata().get("0.0"));
      assertEquals("true", in.metadata().get("1.0"));
      assertEquals("false", in.metadata().get("1.1"));
    }
  }
}
