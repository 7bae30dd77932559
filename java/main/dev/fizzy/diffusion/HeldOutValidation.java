package dev.fizzy.diffusion;

import dev.fizzy.training.Validation;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures the averaged weights of a training on people that it never sees: the loss on their
 * faces, and with a judge the faces that are drawn of them.
 */
public final class HeldOutValidation implements Validation.Judge {
  /** The loss on faces; {@code validation_loss} is one of its figures. */
  public interface Loss extends AutoCloseable {
    /** Figures by name. */
    Map<String, Double> measure();

    @Override
    void close();
  }

  private final long every;
  private final Loss loss;
  private final HeldOutAdherence adherence;

  /**
   * Closes what it is given.
   *
   * @param every steps between measurements
   * @param adherence of drawn faces; null to measure the loss alone
   */
  public HeldOutValidation(long every, Loss loss, HeldOutAdherence adherence) {
    this.every = every;
    this.loss = loss;
    this.adherence = adherence;
  }

  @Override
  public long every() {
    return every;
  }

  @Override
  public Map<String, Double> judge(long step) {
    Map<String, Double> figures = new LinkedHashMap<>(loss.measure());
    if (adherence != null) {
      figures.putAll(adherence.measure());
    }
    return figures;
  }

  @Override
  public double score(Map<String, Double> figures) {
    return adherence == null ? -figures.get("validation_loss") : figures.get("adherence");
  }

  @Override
  public void keep(long step) {
    // the averaged weights of the last step are the model
  }

  @Override
  public void close() {
    loss.close();
    if (adherence != null) {
      adherence.close();
    }
  }
}
