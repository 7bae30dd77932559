package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * The margins that {@link MarginSoftmax} applies to the label of each row, f32 [B,2]: angular, then
 * additive. They have no gradient.
 *
 * @param kind how margins are computed
 * @param rows with {@code random} as in {@link RandomRows}; null unless a deviation is drawn
 * @param norms f32 [B], null unless adaptive
 * @param state the statistics of the norms, null unless adaptive
 */
public record Margin(
    Kind kind, Tensor rows, Tensor random, Tensor norms, State state, Tensor margins)
    implements Operation {
  /** How margins are computed. */
  public sealed interface Kind {}

  /**
   * The same for every row: CosFace (Wang et al. 2018) with an additive margin, ArcFace (Deng et
   * al. 2019) with an angular one. With a deviation each row's margin is drawn from N(margin,
   * deviation), which is ElasticFace (Boutros et al. 2022).
   *
   * @param angular radians, or 0 for none
   * @param additive subtracted from the cosine, or 0 for none
   */
  public record Elastic(float angular, float additive, float deviation) implements Kind {}

  /**
   * AdaFace (Kim et al. 2022): margins from the norm of the features, a measure of image quality.
   *
   * @param margin m
   * @param h concentration: the fraction of the norms' deviation that the margins span
   * @param rate at which the statistics of the norms move
   */
  public record Adaptive(float margin, float h, float rate) implements Kind {}

  /**
   * Mean and deviation of the norms: states, f32 [1] each; the published initial values are 20 and
   * 100.
   */
  public record State(Tensor mean, Tensor deviation) {}

  /**
   * @param rows null if the deviation is 0
   */
  public static Tensor elastic(Graph g, Elastic kind, int batch, Tensor rows, Tensor random) {
    boolean drawn = kind.deviation > 0;
    if (!(kind.deviation >= 0) || kind.angular != 0 && kind.additive != 0) {
      throw new EngineException("margin: takes one margin and a deviation, not " + kind);
    }
    if (drawn) {
      RandomRows.check("margin", batch, rows, random);
    }
    List<Tensor> from = drawn ? List.of(rows, random) : List.of();
    Tensor margins = g.local("margins", DType.F32, from, batch, 2);
    return g.record(
            new Margin(kind, drawn ? rows : null, drawn ? random : null, null, null, margins))
        .margins;
  }

  public static Tensor adaptive(Adaptive kind, Tensor norms, State state) {
    int batch = Math.toIntExact(norms.elements());
    if (norms.type() != DType.F32
        || batch < 2
        || state.mean.role() != Role.STATE
        || state.deviation.role() != Role.STATE) {
      throw new EngineException(
          "margin: takes the norms of at least two rows and states to write to, not " + norms);
    }
    Graph g = norms.graph();
    Tensor margins = g.local("margins", DType.F32, List.of(norms), batch, 2);
    return g.record(new Margin(kind, null, null, norms, state, margins)).margins;
  }

  @Override
  public String name() {
    return kind instanceof Adaptive ? "margin_adaptive" : "margin_elastic";
  }

  @Override
  public List<Tensor> inputs() {
    Tensor mean = state == null ? null : state.mean;
    Tensor deviation = state == null ? null : state.deviation;
    return Operation.present(rows, random, norms, mean, deviation);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(margins);
  }

  @Override
  public long flops() {
    return 20 * margins.elements();
  }
}
