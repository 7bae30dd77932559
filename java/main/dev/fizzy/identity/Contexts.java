package dev.fizzy.identity;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Memory;
import dev.fizzy.file.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Identities: a vector each, which the network is conditioned on, and a name. All values are finite
 * and not larger than those of embeddings, all vectors have the same width, and all names are
 * different.
 */
public final class Contexts {
  /** Bytes of an array's head, a name and an entry of the index. */
  private static final double OVERHEAD = 150;

  /** Embeddings that are not scaled to length 1 are some 20 long; this is no embedding. */
  private static final float LARGEST = 1e6f;

  private final List<String> names;
  private final float[][] values;
  private final Map<String, Map<String, Double>> parents;
  private final Map<String, Object> recipe;
  private Map<String, Integer> index;

  /**
   * @param values [identities, width]; kept, not copied
   */
  public Contexts(List<String> names, float[][] values) {
    this(names, values, Map.of(), Map.of());
  }

  private Contexts(
      List<String> names,
      float[][] values,
      Map<String, Map<String, Double>> parents,
      Map<String, Object> recipe) {
    this.names = List.copyOf(names);
    this.values = values;
    this.parents = parents;
    this.recipe = recipe;
    check();
  }

  /** These identities, some of which are mixtures of others, see {@link #parents}. */
  public Contexts withParents(Map<String, Map<String, Double>> parents) {
    return new Contexts(names, values, parents, recipe);
  }

  /** These identities with how they were made, see {@link #recipe}. */
  public Contexts withRecipe(Map<String, Object> recipe) {
    return new Contexts(names, values, parents, recipe);
  }

  /** Named by index: 000000, 000001, ... */
  public static Contexts numbered(float[][] values) {
    return new Contexts(numbers(values.length), values);
  }

  /** Throws if the contexts would not fit into the heap; call before creating them. */
  public static void requireMemory(int count, int width) {
    Memory.require(
        count + " contexts of width " + width, count * (OVERHEAD + (double) Float.BYTES * width));
  }

  static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(i -> String.format("%06d", i)).toList();
  }

  private void check() {
    if (values.length == 0) {
      throw new FileException("the contexts are empty: there is no identity in them");
    }
    if (names.size() != values.length) {
      throw new FileException(
          "there are " + values.length + " contexts and " + names.size() + " names");
    }
    index = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      if (values[i].length != width() || width() == 0) {
        throw new FileException(
            "context "
                + names.get(i)
                + " has width "
                + values[i].length
                + ", the first one "
                + width());
      }
      for (int k = 0; k < width(); k++) {
        if (!(Math.abs(values[i][k]) <= LARGEST)) {
          throw new FileException(
              "context "
                  + names.get(i)
                  + " (number "
                  + i
                  + ") has the value "
                  + values[i][k]
                  + " at element "
                  + k);
        }
      }
      Integer other = index.put(names.get(i), i);
      if (other != null) {
        throw new FileException(
            "contexts " + other + " and " + i + " are both named " + names.get(i));
      }
    }
  }

  public int size() {
    return values.length;
  }

  public int width() {
    return values[0].length;
  }

  public List<String> names() {
    return names;
  }

  public String name(int identity) {
    return names.get(identity);
  }

  /** One identity's vector; must not be changed. */
  public float[] vector(int identity) {
    return values[identity];
  }

  /** The index of the identity with this name, or -1. */
  public int indexOf(String name) {
    return index.getOrDefault(name, -1);
  }

  /** The indices of named identities; throws if there is no such identity. */
  public int[] indices(List<String> wanted) {
    return wanted.stream()
        .mapToInt(
            name -> {
              int i = indexOf(name);
              if (i < 0) {
                throw new FileException(
                    "there is no context named " + name + " among the " + size());
              }
              return i;
            })
        .toArray();
  }

  /**
   * The parents of each identity that is a mixture of others, with their shares, by its name; the
   * parents need not be in this set.
   */
  public Map<String, Map<String, Double>> parents() {
    return parents;
  }

  /** How the set was made: command, options and seed; empty if unknown. */
  public Map<String, Object> recipe() {
    return recipe;
  }

  public Contexts select(int... identities) {
    List<String> chosen = IntStream.of(identities).mapToObj(names::get).toList();
    Map<String, Map<String, Double>> kept = new LinkedHashMap<>(parents);
    kept.keySet().retainAll(chosen);
    return new Contexts(chosen, pick(identities), kept, Map.of());
  }

  private float[][] pick(int... identities) {
    return IntStream.of(identities).mapToObj(i -> values[i]).toArray(float[][]::new);
  }

  /** The contexts without the named ones; throws if a name does not exist. */
  public Contexts without(Set<String> excluded) {
    for (String name : excluded) {
      if (indexOf(name) < 0) {
        throw new FileException("there is no context named " + name + " to exclude");
      }
    }
    return select(
        IntStream.range(0, size()).filter(i -> !excluded.contains(names.get(i))).toArray());
  }

  /** Throws if the width is not the model's. */
  public void requireWidth(int width) {
    if (width() != width) {
      throw new FileException(
          "the contexts have width " + width() + " and the model takes " + width);
    }
  }

  /** Checksum over names and values, independent of the file format. */
  public String sha256() {
    MessageDigest digest = Sha256.digest();
    ByteBuffer row = ByteBuffer.allocate(width() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      digest.update(names.get(i).getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      row.asFloatBuffer().put(values[i]);
      digest.update(row.array());
    }
    return Sha256.hex(digest.digest());
  }

  /**
   * Reads .npy (names from its sidecar, or numbers), .safetensors, .npz, or a pickled or PyTorch
   * dict of name to vector; the content tells which.
   */
  public static Contexts read(Path file) {
    return ContextFiles.read(file);
  }

  /** Refuses a file that {@link #write} would refuse for its extension. */
  public static void checkWritable(Path file) {
    ContextFiles.checkWritable(file);
  }

  /** Writes .npy with a sidecar of names, or .safetensors, by the file's extension. */
  public void write(Path file) {
    ContextFiles.write(this, values, file);
  }
}
