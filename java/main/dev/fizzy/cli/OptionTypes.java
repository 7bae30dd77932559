package dev.fizzy.cli;

import dev.fizzy.dataset.write.ImageWriter;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.engine.EngineException;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Preset;
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
        .registerConverter(SamplerName.class, by(SamplerName::new))
        .registerConverter(HeadName.class, by(HeadName::of))
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
    } catch (EngineException e) {
      throw new OptionException(e.getMessage());
    }
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
