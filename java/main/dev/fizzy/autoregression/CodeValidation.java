package dev.fizzy.autoregression;

import dev.fizzy.diffusion.HeldOutValidation;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Workers;
import dev.fizzy.model.AutoregressiveConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures the averaged weights of a training on faces of people that it never sees: {@code
 * validation_loss} and {@code validation_accuracy}, with the faces' own contexts, without dropout
 * and mirroring.
 */
final class CodeValidation implements HeldOutValidation.Loss {
  private static final int MOST_FACES = 128;

  private final CodedFaces.Examples faces;
  private final int count;
  private final CodeLoss loss;
  private final Workers<Program> workers;

  /**
   * @param parameters of the training, with averages
   */
  CodeValidation(
      Device device,
      AutoregressiveConfig config,
      Parameters parameters,
      CodedFaces.Examples faces,
      DType type) {
    this.faces = faces;
    this.count = Math.min(MOST_FACES, faces.contexts().length);
    Graph graph = new Graph(type);
    loss = new CodeLoss(graph, config, faces.coded().codebook(), 1, (network, own) -> own);
    graph.output(loss.loss());
    graph.output(loss.accuracy());
    workers =
        Workers.beside(
            device,
            count,
            own -> new Program(new Plan(graph, own), own, parameters, Region.AVERAGE));
  }

  /** One face at a time, spread over all faces: the rows of a matrix are its codes. */
  @Override
  public Map<String, Double> measure() {
    workers.onFirst(Program::load);
    double[] losses = new double[count];
    double[] accuracies = new double[count];
    workers.forEach(
        count,
        (program, i) -> {
          int face = (int) ((long) i * faces.contexts().length / count);
          loss.write(
              program,
              new int[][] {faces.coded().codes()[face]},
              new float[][] {faces.contexts()[face]});
          program.run(Stage.EVALUATION);
          losses[i] = program.read(loss.loss())[0];
          accuracies[i] = program.read(loss.accuracy())[0];
        });
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("validation_loss", Arrays.stream(losses).average().orElseThrow());
    figures.put("validation_accuracy", Arrays.stream(accuracies).average().orElseThrow());
    return figures;
  }

  @Override
  public void close() {
    workers.close();
  }
}
