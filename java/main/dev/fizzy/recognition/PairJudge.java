package dev.fizzy.recognition;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.engine.EngineException;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.Recognizer;
import dev.fizzy.recognition.protocol.VerificationPairs;
import dev.fizzy.training.Validation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Validates a recognizer in training by its 10-fold accuracy on pairs of faces, without adding the
 * features of mirrored faces.
 */
public final class PairJudge implements Validation.Judge {
  /** Gives the pixels of a face. */
  private interface Pixels {
    byte[] of(int face) throws IOException;
  }

  private final String name;
  private final int count;
  private final Pixels pixels;
  private final FoldedPairs pairs;
  private final int folds;
  private final long every;
  private final Supplier<Recognizer> network;
  private final LongConsumer keep;

  private PairJudge(
      String name,
      int count,
      Pixels pixels,
      FoldedPairs pairs,
      int folds,
      long every,
      Supplier<Recognizer> network,
      LongConsumer keep) {
    this.name = name;
    this.count = count;
    this.pixels = pixels;
    this.pairs = pairs;
    this.folds = folds;
    this.every = every;
    this.network = network;
    this.keep = keep;
  }

  /**
   * Validation on people held out from training, with pairs drawn by the seed.
   *
   * @param every steps between validations
   * @param network with the weights of training
   * @param keep is told the step when its weights are the best so far
   */
  public static PairJudge held(
      IdentityFaces people,
      long seed,
      long every,
      Supplier<Recognizer> network,
      LongConsumer keep) {
    List<String> names =
        IntStream.range(0, people.count()).mapToObj(i -> people.label(i) + "/" + i).toList();
    FoldedPairs pairs = FoldedPairs.of(Identities.of(names), seed);
    if (pairs == null) {
      throw new EngineException(
          "too few of the "
              + people.identities().size()
              + " identities for validation have two images; "
              + IdentitySplit.LEAST
              + " are needed");
    }
    return new PairJudge(
        "validation_accuracy",
        people.count(),
        people::pixels,
        pairs,
        FoldedPairs.FOLDS,
        every,
        network,
        keep);
  }

  /**
   * Validation on a test list, as the published recognizers were selected. The accuracy of the
   * selected weights on that list is optimistic.
   */
  public static PairJudge published(
      VerificationPairs list,
      FaceFolder folder,
      int size,
      long every,
      Supplier<Recognizer> network,
      LongConsumer keep) {
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
    return new PairJudge(
        "test_accuracy_that_chooses",
        names.size(),
        face -> folder.decode(names.get(face), size).pixels(),
        pairs,
        list.folds(),
        every,
        network,
        keep);
  }

  private static int number(String name, Map<String, Integer> numbers, List<String> names) {
    return numbers.computeIfAbsent(
        name,
        k -> {
          names.add(k);
          return names.size() - 1;
        });
  }

  @Override
  public long every() {
    return every;
  }

  @Override
  public Map<String, Double> judge(long step) {
    boolean[] used = new boolean[count];
    for (int i = 0; i < pairs.first().length; i++) {
      used[pairs.first()[i]] = true;
      used[pairs.second()[i]] = true;
    }
    float[][] vectors = embed(IntStream.range(0, count).filter(i -> used[i]).toArray(), step);
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

  private float[][] embed(int[] faces, long step) {
    float[][] vectors = new float[count][];
    Recognizer network = this.network.get();
    network.load();
    try {
      for (int from = 0; from < faces.length; from += network.batch()) {
        int to = Math.min(faces.length, from + network.batch());
        List<byte[]> batch = new ArrayList<>();
        for (int i = from; i < to; i++) {
          batch.add(pixels.of(faces[i]));
        }
        float[][] out = network.embed(batch);
        for (int i = from; i < to; i++) {
          vectors[faces[i]] = Embedder.unit(out[i - from]);
          if (vectors[faces[i]] == null) {
            throw new EngineException(
                "the recognizer gives no finite vector for a validation face, after step " + step);
          }
        }
      }
    } catch (IOException e) {
      throw new FileException(
          "a validation face can no longer be read: " + FileException.reason(e), e);
    }
    return vectors;
  }

  @Override
  public void keep(long step) {
    keep.accept(step);
  }
}
