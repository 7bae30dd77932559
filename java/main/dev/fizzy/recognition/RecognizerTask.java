package dev.fizzy.recognition;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.engine.op.MarginSoftmax;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.MarginConfig;
import dev.fizzy.model.MarginHead;
import dev.fizzy.training.TrainingTask;
import java.util.LinkedHashMap;
import java.util.Map;

/** Trains a recognizer to classify the people of a data set with a margin softmax. */
public final class RecognizerTask implements TrainingTask {
  private final FaceFeed feed;
  private final int classes;
  private final long seed;
  private final Graph graph;
  private final Tensor image;
  private final Tensor labels;
  private final Tensor rows;
  private final Tensor random;
  private final int[] positions;
  private final Map<String, Tensor> metrics = new LinkedHashMap<>();

  /**
   * @param classes number of people in the feed's labels
   */
  public RecognizerTask(
      IResNetConfig config, MarginConfig loss, FaceFeed feed, int classes, DType type, long seed) {
    this.feed = feed;
    this.classes = classes;
    this.seed = seed;
    int batch = feed.batch();
    int s = config.size();
    graph = new Graph(type);
    image = graph.input("image", DType.U8, Stage.EVALUATION, batch, s, s, 3);
    labels = graph.input("labels", DType.I32, Stage.EVALUATION, batch);
    rows = graph.input("rows", DType.I32, Stage.EVALUATION, batch, 2);
    random = graph.input("random", DType.I32, Stage.EVALUATION, 4);
    Tensor features =
        new IResNet(graph, config, IResNet.Mode.TRAINING)
            .embed(ImageToTensor.of(image, type), rows, random);
    MarginSoftmax softmax =
        new MarginHead(graph, loss, classes).loss(features, labels, rows, random);
    metrics.put("loss", graph.output(softmax.loss()));
    metrics.put("training_accuracy", graph.output(softmax.accuracy()));
    graph.backward(softmax.loss());
    positions = new int[2 * batch];
    for (int i = 0; i < batch; i++) {
      positions[2 * i] = i;
    }
  }

  @Override
  public Graph graph() {
    return graph;
  }

  @Override
  public Map<String, Tensor> metrics() {
    return metrics;
  }

  @Override
  public int batch() {
    return feed.batch();
  }

  @Override
  public double waited() {
    return feed.waited();
  }

  @Override
  public void feed(Program program, long step) {
    FaceFeed.Batch batch = feed.take(step);
    MarginSoftmax.checkLabels(batch.labels(), classes);
    program.write(image, batch.images());
    program.write(labels, batch.labels());
    program.write(rows, positions);
    program.write(random, new int[] {(int) seed, (int) (seed >>> 32), (int) step, 0});
  }
}
