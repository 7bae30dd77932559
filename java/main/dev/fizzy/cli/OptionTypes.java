package dev.fizzy.cli;

import dev.fizzy.dataset.read.HoldOut;
import dev.fizzy.dataset.write.ImageWriter;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.diffusion.TrainingTimes;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.file.FileException;
import dev.fizzy.model.embedder.Preset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** Converters of option values; a value that fails to convert is an invalid command line. */
final class OptionTypes {
  private OptionTypes() {}

  static CommandLine register(CommandLine line) {
    return line.registerConverter(Shard.class, by(Shard::parse))
        .registerConverter(ImageWriter.class, by(ImageWriter::named))
        .registerConverter(Preset.class, by(Preset::named))
        .registerConverter(TrainingTimes.class, by(TrainingTimes::of))
        .registerConverter(HoldOut.class, by(HoldOut::of))
        .registerConverter(SamplerName.class, by(SamplerName::new))
        .registerConverter(HeadName.class, by(HeadName::of))
        .registerConverter(StepTraceOptions.Steps.class, by(StepTraceOptions.Steps::parse))
        .registerConverter(MemorySize.class, by(MemorySize::parse))
        .registerConverter(Sweep.class, by(Sweep::parse))
        .registerConverter(DType.class, new ActivationType())
        .registerConverter(DeviceNames.class, by(DeviceNames::new));
  }

  private static <T> ITypeConverter<T> by(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (EngineException | FileException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  /** Makes something of option values, which it may refuse. */
  static <T> T checked(Supplier<T> make) {
    try {
      return make.get();
    } catch (EngineException | FileException e) {
      throw new OptionException(e.getMessage());
    }
  }

  /** Checks option values. */
  static void checked(Runnable check) {
    checked(
        () -> {
          check.run();
          return null;
        });
  }

  /**
   * Loads the configuration that --config names; an unknown name is an invalid command line.
   *
   * @param shipped names of the built-in ones
   */
  static <T> T config(String nameOrFile, List<String> shipped, Function<String, T> load) {
    if (!shipped.contains(nameOrFile) && !Files.exists(Path.of(nameOrFile))) {
      throw new OptionException(
          "no configuration "
              + nameOrFile
              + Misuse.suggestion(nameOrFile, shipped)
              + ": not a file, and not one of "
              + shipped);
    }
    return load.apply(nameOrFile);
  }

  /** The name used in messages: the first long one. */
  static String name(ArgSpec arg) {
    if (!(arg instanceof OptionSpec option)) {
      return arg.paramLabel();
    }
    for (String name : option.names()) {
      if (name.startsWith("--")) {
        return name;
      }
    }
    return option.longestName();
  }
}
