package dev.fizzy.weights;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.FileSignature;
import dev.fizzy.file.InputFile;
import dev.fizzy.file.ZipIndex;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file of named tensors in any supported format, which is recognized by its first bytes, not by
 * its name. Opening reads the positions of the tensors and checks them against the file; tensors
 * are read on demand.
 *
 * <p>Nested dicts become names with dots; numbers and strings become metadata. The unnamed array of
 * an .npy file is called {@value #ARRAY}.
 */
public final class TensorFile implements Closeable {
  public static final String ARRAY = "array";

  /** The {@link #format} of an .npy with one array of numbers. */
  public static final String NPY = "NumPy array (.npy)";

  /** The {@link #format} of safetensors in one file. */
  public static final String SAFETENSORS = "safetensors";

  private static final int START = 512;

  private final Path file;
  private final String format;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, String> metadata;
  private final List<Closeable> open;

  TensorFile(
      Path file,
      String format,
      Map<String, StoredTensor> tensors,
      Map<String, String> metadata,
      List<Closeable> open) {
    this.file = file;
    this.format = format;
    this.tensors = tensors;
    this.metadata = metadata;
    this.open = open;
  }

  public static TensorFile open(Path file) {
    List<Closeable> open = new ArrayList<>();
    try {
      FileChannel channel = InputFile.channel(file);
      open.add(channel);
      TensorFile opened = open(file, channel, open);
      open = List.of();
      return opened;
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    } finally {
      close(open);
    }
  }

  private static TensorFile open(Path file, FileChannel channel, List<Closeable> open)
      throws IOException {
    ByteSource source = ByteSource.of(file, channel);
    ByteBuffer start = ByteBuffer.allocate((int) Math.min(START, source.size()));
    source.read(0, start);
    String text = new String(start.array(), StandardCharsets.ISO_8859_1);
    if (text.startsWith(NpyHeader.MAGIC)) {
      return NpyFiles.array(file, source, open);
    }
    if (text.startsWith("PK\3\4") || text.startsWith("PK\5\6")) {
      ZipIndex zip = ZipIndex.read(file, source, channel);
      return zip.endingIn("data.pkl") == null
          ? NpyFiles.archive(file, zip, open)
          : TorchFiles.zip(file, zip, open);
    }
    if (text.length() > 8 && text.charAt(8) == '{') {
      SafetensorsHeader header = SafetensorsHeader.read(channel, file);
      return new TensorFile(file, SAFETENSORS, header.stored(source), header.metadata(), open);
    }
    if (text.stripLeading().startsWith("{")) {
      return SafetensorsShards.open(file, source, open);
    }
    if (text.length() > 1 && (text.charAt(0) == 0x80 || "(c}]".indexOf(text.charAt(0)) >= 0)) {
      return TorchFiles.pickle(file, source, open);
    }
    FileSignature signature = FileSignature.of(start.array());
    throw new FileException(
        file
            + (signature == FileSignature.OTHER ? " is" : " " + signature.sentence() + "; it is")
            + " none of the tensor files that are supported: PyTorch (zip or pickle), safetensors"
            + " (or its index), .npy, .npz");
  }

  public Path path() {
    return file;
  }

  /** The format of the file in words. */
  public String format() {
    return format;
  }

  /** The tensors in the order of the file. */
  public Map<String, StoredTensor> tensors() {
    return tensors;
  }

  public Set<String> names() {
    return tensors.keySet();
  }

  public StoredTensor tensor(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new FileException(
          file
              + " has no tensor "
              + name
              + "; it has "
              + tensors.keySet().stream().limit(8).toList()
              + (tensors.size() > 8 ? " and " + (tensors.size() - 8) + " more" : ""));
    }
    return tensor;
  }

  /** Numbers and strings stored with the tensors. */
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public void close() {
    close(open);
  }

  private static void close(List<Closeable> all) {
    for (Closeable one : all) {
      try {
        one.close();
      } catch (IOException e) {
        // The file was only read.
      }
    }
  }
}
