package dev.fizzy.diffusion;

import dev.fizzy.engine.Philox;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.training.Epochs;

/** Draws the faces of each step; they depend on the seed and the step alone. */
final class TrainingFaces {
  /**
   * A face of a batch.
   *
   * @param row in the batch of all devices
   * @param latents of the face or its mirror image
   * @param context that the network is given
   * @param own context of the image
   */
  record Face(int row, int time, float[] latents, float[] context, float[] own) {}

  private final DiffusionTask.Examples examples;
  private final TrainingTimes times;
  private final ContextSource.Choice contexts;
  private final NoiseSchedule schedule;
  private final Epochs epochs;
  private final long seed;

  TrainingFaces(
      DiffusionTask.Examples examples, Objective objective, NoiseSchedule schedule, long seed) {
    this.examples = examples;
    this.times = objective.times();
    this.contexts = objective.contexts().among(examples.contexts(), examples.people());
    this.schedule = schedule;
    this.epochs = new Epochs(seed, examples.latents().length);
    this.seed = seed;
  }

  /**
   * The faces of a device.
   *
   * @param batch faces on each device
   */
  Face[] of(long step, DiffusionTask.Part part, int batch) {
    Philox clock = new Philox(seed, Philox.Purpose.TIMESTEP, step);
    Philox flips = new Philox(seed, Philox.Purpose.FLIP, step);
    Philox others = new Philox(seed, Philox.Purpose.OTHER_IMAGE, step);
    Face[] faces = new Face[batch];
    int first = part.rank() * batch;
    int totalBatch = part.ranks() * batch;
    for (int row = 0; row < totalBatch; row++) {
      int time = times.draw(clock, schedule);
      boolean flip = examples.mirrored() != null && flips.nextInt() < 0;
      int example = epochs.example(step * totalBatch + row);
      float[] context = contexts.of(example, others);
      if (row >= first && row < first + batch) {
        float[][] latents = flip ? examples.mirrored() : examples.latents();
        float[] own = examples.contexts()[example];
        faces[row - first] = new Face(row, time, latents[example], context, own);
      }
    }
    return faces;
  }
}
