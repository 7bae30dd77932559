package dev.fizzy.cli;

import dev.fizzy.cluster.Networks;
import dev.fizzy.cluster.ShardWork;
import dev.fizzy.cluster.Shipped;
import dev.fizzy.cluster.Slot;
import dev.fizzy.dataset.write.DatasetRun;
import dev.fizzy.dataset.write.DatasetWriter;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Division;
import dev.fizzy.file.FileException;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.identity.Embedder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The work of {@code generate} on an executor: the command as the user gave it, on a shard.
 *
 * @param arguments of the command, without the files
 * @param files by the names of their options
 * @param run description of the set, which the worker must come to as well
 */
record GenerateWork(List<String> arguments, Map<String, Shipped> files, int parts, String run)
    implements ShardWork {
  @Override
  public String key() {
    return run;
  }

  @Override
  public ShardWork.Opened open() {
    List<String> all = new ArrayList<>(arguments);
    files.forEach((name, file) -> all.add(name + "=" + file.local()));
    GenerateCommand command = Resent.parsed(all, GenerateCommand.class);
    SamplingOptions.Opened model = command.sampling().open(List.of(Devices.CPU));
    DatasetRun set = command.run(model);
    String here = set.json(command.datasetFormat(), parts).toString();
    if (!here.equals(run)) {
      throw new FileException(
          "the worker has another Fizzy or other files than the driver: it would draw "
              + here
              + ", not "
              + run);
    }
    return new Opened(command, model, set);
  }

  /** The model and the contexts, opened for all tasks of an executor. */
  private static final class Opened implements ShardWork.Opened {
    private final GenerateCommand command;
    private final SamplingOptions.Opened model;
    private final DatasetRun set;
    private final List<String> identities;
    private final ImageConditions conditions;
    private final Embedder embedder;
    private Networks<FaceSampler> networks;
    private int batch;

    Opened(GenerateCommand command, SamplingOptions.Opened model, DatasetRun set) {
      this.command = command;
      this.model = model;
      this.set = set;
      this.identities = GenerateCommand.identities(model);
      this.conditions =
          command.sampling().conditions(model, Runtime.getRuntime().availableProcessors());
      this.embedder = command.embedder(model);
    }

    @Override
    public boolean onGpu() {
      return command.onGpu();
    }

    /** The networks of all shards, which have about the same size. */
    private synchronized Networks<FaceSampler> networks(long images) {
      if (networks == null) {
        SamplingOptions sampling = command.sampling();
        batch =
            Division.of(List.of(Devices.CPU), command.faces(images), 1, sampling.batch()).batch();
        networks = new Networks<>(device -> sampling.sampler(model, device, batch));
      }
      return networks;
    }

    @Override
    public long run(Shard shard, Path folder, Slot slot, LongConsumer done) {
      try (DatasetWriter writer = command.writer(set, identities, folder, shard, slot.threads())) {
        networks(writer.total())
            .lend(
                slot,
                network ->
                    command.draw(conditions, embedder, folder, shard, writer, network, done));
        if (writer.written() != writer.total()) {
          throw new FileException("shard " + shard + " has not all of its images");
        }
        return writer.total();
      }
    }
  }
}
