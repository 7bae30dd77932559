package dev.fizzy.identity;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.dataset.parquet.VectorsTable;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import dev.fizzy.file.Sha256;
import dev.fizzy.weights.Npy;
import dev.fizzy.weights.NpyRows;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Contexts as files. {@code c.npy} is a float matrix [identities, width] with the names in {@code
 * c.npy.names.json}, which contains the matrix's checksum, so that it cannot be used with another
 * matrix; {@code c.safetensors} has the matrix as tensor {@code contexts} and the names in its
 * metadata. Parquet files and folders of them are read, and files of other programs, see {@link
 * ContextArrays}.
 */
final class ContextFiles {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TENSOR = "contexts";
  private static final String NAMES = "names";
  private static final String PARENTS = "parents";
  private static final String RECIPE = "recipe";

  private static final TypeReference<Map<String, Map<String, Double>>> SHARES =
      new TypeReference<>() {};
  private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

  /** Bytes of a list of names: some ten million of them. */
  private static final long LONGEST = 512L << 20;

  private ContextFiles() {}

  private static boolean isNpy(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (!name.endsWith(".npy") && !name.endsWith(".safetensors")) {
      throw new FileException(
          "contexts are written as .npy or .safetensors, and " + file + " is neither");
    }
    return name.endsWith(".npy");
  }

  static void checkWritable(Path file) {
    isNpy(file);
  }

  private static Path sidecar(Path npy) {
    return npy.resolveSibling(npy.getFileName() + ".names.json");
  }

  static Contexts read(Path file) {
    if (VectorsTable.isParquet(file)) {
      return readTable(file);
    }
    if (Files.isDirectory(file)) {
      return ContextFolder.read(file);
    }
    try (TensorFile in = TensorFile.open(file)) {
      if (in.format().equals(TensorFile.NPY)) {
        return readNpy(in);
      }
      boolean ours = in.format().equals(TensorFile.SAFETENSORS) && in.names().contains(TENSOR);
      return ours ? readSafetensors(file) : ContextArrays.of(in);
    } catch (FileException e) {
      String name = file.toString();
      throw e.getMessage().contains(name) ? e : new FileException(name + ": " + e.getMessage(), e);
    }
  }

  private static Contexts readTable(Path file) {
    try (VectorsTable table = VectorsTable.open(file)) {
      Contexts.requireMemory(table.names().size(), table.width());
      float[][] rows = new float[table.names().size()][table.width()];
      for (int i = 0; i < rows.length; i++) {
        table.read(i, 1, rows[i], 0);
      }
      return new Contexts(table.names(), rows);
    }
  }

  /** Opens vectors to be read block by block. */
  static Embeddings open(Path file) {
    if (VectorsTable.isParquet(file)) {
      return new Table(VectorsTable.open(file));
    }
    if (!isStreamed(file)) {
      return Embeddings.of(read(file));
    }
    NpyRows rows = NpyRows.open(file);
    List<String> names = null;
    try {
      names = names(sidecarOf(file), file);
      if (names != null && names.size() != rows.rows()) {
        throw new FileException(
            file + " has " + rows.rows() + " vectors and " + names.size() + " names");
      }
      if (rows.rows() == 0 || rows.width() == 0) {
        throw new FileException(file + " is empty: there is no vector in it");
      }
      names = names == null ? Contexts.numbers(rows.rows()) : List.copyOf(names);
      return new Streamed(names, rows);
    } finally {
      if (names == null) {
        rows.close();
      }
    }
  }

  /** Whether the file is a matrix of float32 or float64, row by row, as NpyRows reads it. */
  private static boolean isStreamed(Path file) {
    if (Files.isDirectory(file)) {
      return false;
    }
    try (TensorFile in = TensorFile.open(file)) {
      StoredTensor matrix = in.tensors().get(TensorFile.ARRAY);
      return in.format().equals(TensorFile.NPY)
          && matrix.shape().length == 2
          && matrix.contiguous()
          && (matrix.type() == Safetensors.Type.F32 || matrix.type() == Safetensors.Type.F64);
    }
  }

  private static final class Streamed extends Embeddings {
    private final NpyRows rows;

    Streamed(List<String> names, NpyRows rows) {
      super(names, rows.width());
      this.rows = rows;
    }

    @Override
    protected void rows(int from, int count, float[] into, int offset) {
      rows.read(from, count, into, offset);
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  private static final class Table extends Embeddings {
    private final VectorsTable table;

    Table(VectorsTable table) {
      super(table.names(), table.width());
      this.table = table;
    }

    @Override
    protected void rows(int from, int count, float[] into, int offset) {
      table.read(from, count, into, offset);
    }

    @Override
    public void close() {
      table.close();
    }
  }

  private static Contexts readNpy(TensorFile in) {
    StoredTensor array = in.tensor(TensorFile.ARRAY);
    if (array.shape().length < 2) {
      throw new FileException(
          in.path()
              + " has an array of shape "
              + Arrays.toString(array.shape())
              + ", not a matrix");
    }
    float[][] rows = ContextArrays.matrix(in, array);
    JsonNode described = sidecarOf(in.path());
    List<String> names = names(described, in.path());
    Contexts contexts = names == null ? Contexts.numbered(rows) : new Contexts(names, rows);
    return described == null
        ? contexts
        : origin(contexts, described.path(PARENTS), described.path(RECIPE));
  }

  private static Contexts origin(Contexts contexts, JsonNode parents, JsonNode recipe) {
    return contexts
        .withParents(parents.isObject() ? JSON.convertValue(parents, SHARES) : Map.of())
        .withRecipe(recipe.isObject() ? JSON.convertValue(recipe, FIELDS) : Map.of());
  }

  /** The names in a .npy file's sidecar, or by the labels beside it, or null. */
  private static List<String> names(JsonNode described, Path file) {
    return described == null
        ? ContextLabels.names(file)
        : list(described.isArray() ? described : described.path(NAMES), sidecar(file));
  }

  /** What the sidecar of a .npy file says, or null without one. */
  private static JsonNode sidecarOf(Path file) {
    Path sidecar = sidecar(file);
    if (!Files.exists(sidecar)) {
      return null;
    }
    JsonNode node = Json.read(sidecar, LONGEST);
    if (node.hasNonNull("sha256") && !node.get("sha256").asText().equals(Sha256.of(file))) {
      throw new FileException(
          sidecar
              + " contains the names of another file than "
              + file
              + ": its checksum differs; delete it to number the contexts");
    }
    return node;
  }

  private static List<String> list(JsonNode names, Path file) {
    if (!names.isArray()) {
      throw new FileException(file + " has no list of names");
    }
    return JSON.convertValue(names, new TypeReference<>() {});
  }

  private static Contexts readSafetensors(Path file) {
    try (Safetensors in = Safetensors.open(file)) {
      float[][] rows;
      long[] shape = in.shape(TENSOR);
      if (shape.length != 2) {
        throw new FileException(
            file
                + ": tensor "
                + TENSOR
                + " has shape "
                + Arrays.toString(shape)
                + "; expected a matrix");
      }
      float[] values = in.floats(TENSOR);
      rows = new Npy(new int[] {(int) shape[0], (int) shape[1]}, values).rows();
      JsonNode names = stored(in, NAMES);
      Contexts contexts =
          names.isMissingNode() ? Contexts.numbered(rows) : new Contexts(list(names, file), rows);
      return origin(contexts, stored(in, PARENTS), stored(in, RECIPE));
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  /** The JSON in a member of the metadata; a missing node without it. */
  private static JsonNode stored(Safetensors in, String member) throws IOException {
    String text = in.metadata().getOrDefault(member, "");
    return Json.tree(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What is written beside the vectors; parents and recipe only if there are any. */
  private static Map<String, Object> described(Contexts contexts) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put(NAMES, contexts.names());
    if (!contexts.parents().isEmpty()) {
      members.put(PARENTS, contexts.parents());
    }
    if (!contexts.recipe().isEmpty()) {
      members.put(RECIPE, contexts.recipe());
    }
    return members;
  }

  static void write(Contexts contexts, float[][] values, Path file) {
    Npy matrix = Npy.of(values);
    try {
      if (!isNpy(file)) {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (var member : described(contexts).entrySet()) {
          metadata.put(member.getKey(), JSON.writeValueAsString(member.getValue()));
        }
        Safetensors.write(
            file,
            metadata,
            List.of(
                Safetensors.Entry.f32(TENSOR, matrix.values(), contexts.size(), contexts.width())));
        return;
      }
      // The names are written first, with the checksum of the vectors: after a crash, vectors
      // without names would be read as numbered ones.
      matrix.write(
          file,
          written -> {
            ObjectNode names = JSON.createObjectNode().put("sha256", Sha256.of(written));
            names.setAll((ObjectNode) JSON.valueToTree(described(contexts)));
            byte[] text = names.toPrettyString().getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(sidecar(file), text);
          });
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    }
  }
}
