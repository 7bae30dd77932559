package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Contextual partial dropout (Boutros et al., IDiff-Face, ICCV 2023): each element of the context
 * becomes zero with a probability p, and the others are scaled by 1/(1-p). Each row draws its p
 * uniformly from {@code probability} to {@code probabilityTo}. Before that, with {@code
 * wholeProbability}, a whole row is replaced by the learned {@code empty} context, for
 * classifier-free guidance (Ho and Salimans 2022). Random numbers are those of {@link RandomRows},
 * with purpose CONTEXT_DROPOUT for the elements and EMPTY_CONTEXT for the rows; backward draws the
 * same ones again.
 *
 * @param context the graph's type [B,W]
 * @param empty f32 [W], or null if wholeProbability is 0
 */
public record ContextDropout(
    Tensor context,
    Tensor empty,
    float probability,
    float probabilityTo,
    float wholeProbability,
    Tensor rows,
    Tensor random,
    Tensor y)
    implements Operation {
  /** With the same probability for all rows. */
  public static Tensor of(
      Tensor context,
      Tensor empty,
      float probability,
      float wholeProbability,
      Tensor rows,
      Tensor random) {
    return of(context, empty, probability, probability, wholeProbability, rows, random);
  }

  public static Tensor of(
      Tensor context,
      Tensor empty,
      float probability,
      float probabilityTo,
      float wholeProbability,
      Tensor rows,
      Tensor random) {
    if (context.rank() != 2 || context.type() != DType.F32 && context.type() != DType.BF16) {
      throw new EngineException("context_dropout: the context must be [B,W], not " + context);
    }
    RandomRows.check("context_dropout", context.dim(0), rows, random);
    if (!(probability >= 0
        && probability <= probabilityTo
        && probabilityTo < 1
        && wholeProbability >= 0
        && wholeProbability <= 1)) {
      throw new EngineException(
          "context_dropout: the probabilities "
              + probability
              + " to "
              + probabilityTo
              + " must be in order and in [0,1), the whole context's "
              + wholeProbability
              + " in [0,1]");
    }
    if (wholeProbability > 0
        && (empty == null || empty.type() != DType.F32 || empty.elements() != context.dim(1))) {
      throw new EngineException(
          "context_dropout: the empty context must be f32 ["
              + context.dim(1)
              + "] if whole contexts are dropped, not "
              + empty);
    }
    if (probabilityTo == 0 && wholeProbability == 0) {
      return context;
    }
    Tensor used = wholeProbability > 0 ? empty : null;
    List<Tensor> from = new ArrayList<>(List.of(context, rows, random));
    if (used != null) {
      from.add(used);
    }
    Tensor y = context.graph().local("context_dropout", context.type(), from, context.shape());
    return context
        .graph()
        .record(
            new ContextDropout(
                context, used, probability, probabilityTo, wholeProbability, rows, random, y))
        .y;
  }

  /**
   * Whether a row's whole context is replaced.
   *
   * @param step the third of {@code random}
   * @param first of the row's two numbers in {@code rows}
   */
  public static boolean dropsWhole(
      double wholeProbability, long seed, long step, int first, int second) {
    int[] counter = {0, Philox.Purpose.EMPTY_CONTEXT.ordinal() << 24 | (int) step, first, second};
    int[] words = new int[4];
    Philox.block(seed, counter, words);
    return (words[0] >>> 8) * 0x1p-24 < (float) wholeProbability;
  }

  @Override
  public List<Tensor> inputs() {
    return empty == null ? List.of(context, rows, random) : List.of(context, rows, random, empty);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 2 * y.elements();
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public void gradient(Gradients gradients) {
    Tensor dy = gradients.of(y);
    Tensor dcontext = gradients.target(context);
    Tensor dempty = gradients.target(empty);
    context
        .graph()
        .record(
            new Backward(
                dy, probability, probabilityTo, wholeProbability, rows, random, dcontext, dempty));
    gradients.wrote(context, dcontext);
    gradients.wrote(empty, dempty);
  }

  /**
   * dcontext [B,W] in dy's type and dempty f32 [W], with the mask drawn again; one of them may be
   * null.
   */
  public record Backward(
      Tensor dy,
      float probability,
      float probabilityTo,
      float wholeProbability,
      Tensor rows,
      Tensor random,
      Tensor dcontext,
      Tensor dempty)
      implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(dy, rows, random);
    }

    @Override
    public List<Tensor> outputs() {
      List<Tensor> outputs = new ArrayList<>();
      if (dcontext != null) {
        outputs.add(dcontext);
      }
      if (dempty != null) {
        outputs.add(dempty);
      }
      return outputs;
    }

    @Override
    public long flops() {
      return 2 * dy.elements();
    }

    @Override
    public int inPlace() {
      return dcontext == null ? -1 : 0;
    }
  }
}
