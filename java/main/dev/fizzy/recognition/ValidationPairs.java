package dev.fizzy.recognition;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Workers;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.Recognizer;
import dev.fizzy.recognition.protocol.VerificationPairs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Pairs of faces for the validation of a recognizer in training by its accuracy over folds, without
 * adding the features of mirrored faces.
 */
public final class ValidationPairs {
  /** Gives the pixels of a face. */
  private interface Pixels {
    byte[] of(int face) throws IOException;
  }

  private final String name;
  private final int count;
  private final Pixels pixels;
  private final FoldedPairs pairs;
  private final int folds;

  private ValidationPairs(String name, int count, Pixels pixels, FoldedPairs pairs, int folds) {
    this.name = name;
    this.count = count;
    this.pixels = pixels;
    this.pairs = pairs;
    this.folds = folds;
  }

  /** Pairs of people held out from training, drawn by the seed. */
  public static ValidationPairs held(IdentityFaces people, long seed) {
    List<String> names =
        IntStream.range(0, people.count()).mapToObj(i -> people.label(i) + "/" + i).toList();
    FoldedPairs pairs = FoldedPairs.of(Identities.of(names), seed);
    if (pairs == null) {
      throw new EngineException(
          "too few of the "
              + people.identities().size()
              + " identities for validation have two images; "
              + IdentitySplit.MINIMUM
              + " are needed");
    }
    return new ValidationPairs(
        "validation_accuracy", people.count(), people::pixels, pairs, FoldedPairs.FOLDS);
  }

  /**
   * The pairs of a test list, as the published recognizers were selected. The accuracy of the
   * selected weights on that list is optimistic.
   *
   * @param size side of the recognizer's faces in pixels
   */
  public static ValidationPairs published(VerificationPairs list, FaceFolder folder, int size) {
    Map<String, Integer> numbers = new HashMap<>();
    List<String> names = new ArrayList<>();
    int n = list.pairs().size();
    FoldedPairs pairs = new FoldedPairs(new int[n], new int[n], new boolean[n], new int[n]);
    for (int i = 0; i < n; i++) {
      VerificationPairs.Pair pair = list.pairs().get(i);
      pairs.first()[i] = number(pair.first(), numbers, names);
      pairs.second()[i] = number(pair.second(), numbers, names);
      pairs.same()[i] = pair.same();
      pairs.fold()[i] = pair.fold();
    }
    return new ValidationPairs(
        "selection_test_accuracy",
        names.size(),
        face -> folder.decode(names.get(face), size).pixels(),
        pairs,
        list.folds());
  }

  private static int number(String name, Map<String, Integer> numbers, List<String> names) {
    return numbers.computeIfAbsent(
        name,
        k -> {
          names.add(k);
          return names.size() - 1;
        });
  }

  /** Name of the accuracy among the metrics. */
  public String name() {
    return name;
  }

  /**
   * The accuracy and its deviation over the folds, by name.
   *
   * @param step named in the error if a vector is not finite
   */
  Map<String, Double> accuracy(Workers<Recognizer> networks, long step) {
    boolean[] used = new boolean[count];
    for (int i = 0; i < pairs.first().length; i++) {
      used[pairs.first()[i]] = true;
      used[pairs.second()[i]] = true;
    }
    float[][] vectors =
        embed(networks, IntStream.range(0, count).filter(i -> used[i]).toArray(), step);
    int n = pairs.first().length;
    float[] cosines = new float[n];
    for (int i = 0; i < n; i++) {
      cosines[i] = Cosine.of(vectors[pairs.first()[i]], vectors[pairs.second()[i]]);
    }
    FoldedAccuracy accuracy = FoldedAccuracy.of(cosines, pairs.same(), pairs.fold(), folds);
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put(name, accuracy.accuracy());
    figures.put(name + "_deviation", accuracy.deviation());
    return figures;
  }

  private float[][] embed(Workers<Recognizer> networks, int[] faces, long step) {
    float[][] vectors = new float[count][];
    networks.onFirst(Recognizer::load);
    int batch = networks.first().batch();
    networks.forEach(
        (faces.length + batch - 1) / batch,
        (network, number) -> {
          int from = number * batch;
          int[] some = Arrays.copyOfRange(faces, from, Math.min(faces.length, from + batch));
          float[][] out = network.embed(read(some));
          for (int i = 0; i < some.length; i++) {
            vectors[some[i]] = Embedder.unit(out[i]);
            if (vectors[some[i]] == null) {
              throw new EngineException(
                  "the recognizer gives no finite vector for a validation face, after step "
                      + step);
            }
          }
        });
    return vectors;
  }

  private List<byte[]> read(int[] faces) {
    List<byte[]> read = new ArrayList<>();
    for (int face : faces) {
      try {
        read.add(pixels.of(face));
      } catch (IOException e) {
        throw new FileException(
            "a validation face can no longer be read: " + FileException.reason(e), e);
      }
    }
    return read;
  }
}
