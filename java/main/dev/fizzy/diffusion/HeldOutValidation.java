package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.training.Validation;
import java.util.Map;

/** Measures the averaged weights of a training on people that it never sees. */
final class HeldOutValidation implements Validation.Judge {
  private final HeldOut people;
  private final ValidationLoss loss;
  private final HeldOutAdherence adherence;

  /**
   * @param unet parameters of the training, with averages
   * @param autoencoder weights of the decoder
   */
  HeldOutValidation(
      HeldOut people,
      Device device,
      ModelConfig config,
      Parameters unet,
      Parameters autoencoder,
      DType type) {
    this.people = people;
    loss = new ValidationLoss(device, config, unet, people.faces(), type);
    adherence =
        people.drawing() == null
            ? null
            : new HeldOutAdherence(
                device,
                config,
                unet,
                autoencoder,
                people.contexts(),
                people.similarity(),
                people.drawing(),
                type);
  }

  @Override
  public long every() {
    return people.every();
  }

  @Override
  public Map<String, Double> judge(long step) {
    Map<String, Double> figures = loss.measure();
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
