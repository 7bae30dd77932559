package dev.fizzy.weights;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.ZipIndex;
import dev.fizzy.weights.pickle.PickleReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** NumPy files: .npy with one array or a pickled dict of arrays, .npz with several. */
final class NpyFiles {
  private NpyFiles() {}

  static TensorFile array(Path file, ByteSource source, List<Closeable> open) throws IOException {
    NamedTensors named = new NamedTensors(source);
    boolean objects = add(named, "", source);
    String format = objects ? "NumPy file of pickled arrays (.npy)" : TensorFile.NPY;
    return new TensorFile(file, format, named.tensors(), named.metadata(), open);
  }

  static TensorFile archive(Path file, ZipIndex zip, List<Closeable> open) throws IOException {
    NamedTensors named = new NamedTensors(zip.source());
    for (ZipIndex.Part part : zip.parts().values()) {
      if (!part.name().endsWith(".npy")) {
        throw new FileException(
            file
                + " is a zip archive with "
                + part.name()
                + " in it: neither a PyTorch file (no data.pkl) nor NumPy's .npz");
      }
      add(named, part.name().substring(0, part.name().length() - 4), zip.open(part));
    }
    if (zip.parts().isEmpty()) {
      throw new FileException(file + " is an empty zip archive");
    }
    return new TensorFile(file, "NumPy archive (.npz)", named.tensors(), named.metadata(), open);
  }

  /** Adds the arrays of a .npy; returns whether it contained pickled objects. */
  private static boolean add(NamedTensors named, String name, ByteSource source)
      throws IOException {
    NpyHeader header = NpyHeader.read(source);
    if (!header.objects()) {
      named.add(name.isEmpty() ? TensorFile.ARRAY : name, header.numbers(source));
      return false;
    }
    PickleReader.Result result = PickleReader.read(source, header.data(), null);
    if (result.end() != source.size()) {
      throw source.fault("has data after its pickle", result.end());
    }
    named.flatten(name, result.value());
    return true;
  }
}
