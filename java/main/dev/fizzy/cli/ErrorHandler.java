package dev.fizzy.cli;

import dev.fizzy.engine.EngineException;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.training.StoppedTraining;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns what went wrong into one sentence and an exit code; FIZZY_DEBUG=1 adds the stack. */
final class ErrorHandler implements IExecutionExceptionHandler, IParameterExceptionHandler {
  static final int FAILURE = 1;
  static final int MISUSE = 2;
  static final int INTERNAL = 70;

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    return misuse(Misuse.sentence(e), e, command);
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult result) {
    return handle(e, command);
  }

  /** For whatever ends a command, errors of the virtual machine included. */
  static int handle(Throwable e, CommandLine command) {
    if (e instanceof OptionException) {
      return misuse(e.getMessage(), e, command);
    }
    if (e instanceof StoppedTraining) {
      String again = JsonOutput.commandLine(command);
      print(
          e.getMessage()
              + "; go on with: "
              + again
              + (again.contains(" --resume") ? "" : " --resume"),
          e,
          command);
      return Signals.exitCode();
    }
    String sentence = sentence(e);
    if (sentence != null) {
      print(sentence, e, command);
      return FAILURE;
    }
    print("internal error: " + e, e, command);
    if (!debugging()) {
      command.getErr().println("fizzy: FIZZY_DEBUG=1 shows where");
      command.getErr().flush();
    }
    return INTERNAL;
  }

  private static int misuse(String sentence, Throwable e, CommandLine command) {
    String name = command.getCommandSpec().qualifiedName();
    String listed = command.getSubcommands().isEmpty() ? "options" : "commands";
    print(sentence + "; `" + name + " --help` lists the " + listed, e, command);
    return MISUSE;
  }

  private static void print(String sentence, Throwable e, CommandLine command) {
    PrintWriter err = command.getErr();
    err.println("fizzy: " + Quoted.message(sentence));
    if (debugging()) {
      e.printStackTrace(err);
    }
    err.flush();
  }

  private static boolean debugging() {
    return "1".equals(System.getenv("FIZZY_DEBUG"));
  }

  /** What is known to stand in the way, in words; null for a fault of Fizzy's own. */
  private static String sentence(Throwable e) {
    if (e instanceof FileException || e instanceof EngineException) {
      return String.valueOf(e.getMessage());
    }
    if (e instanceof IOException io) {
      return FileException.reason(io);
    }
    if (e instanceof OutOfMemoryError) {
      return "the memory is used up ("
          + e.getMessage()
          + "): a smaller --batch or fewer --threads need less, and JDK_JAVA_OPTIONS=-Xmx8g gives"
          + " Java 8 GiB";
    }
    if (e instanceof UncheckedIOException || e instanceof ExceptionInInitializerError) {
      return e.getCause() == null ? null : sentence(e.getCause());
    }
    if (e instanceof InvalidPathException) {
      return "the file name "
          + e.getMessage()
          + "; names that are not ASCII need a UTF-8 locale: LC_ALL=C.UTF-8";
    }
    if (e instanceof UnsatisfiedLinkError) {
      return "a native library cannot be loaded: " + e.getMessage();
    }
    return null;
  }
}
