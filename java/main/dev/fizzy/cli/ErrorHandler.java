package dev.fizzy.cli;

import dev.fizzy.engine.EngineException;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Memory;
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

/** Reports an error as one sentence and an exit code; FIZZY_DEBUG=1 adds the stack trace. */
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

  /** Handles any exception that ends a command, including errors of the virtual machine. */
  static int handle(Throwable thrown, CommandLine command) {
    Throwable e = cause(thrown);
    if (e instanceof OptionException) {
      return misuse(e.getMessage(), e, command);
    }
    if (e instanceof StoppedTraining) {
      String again = JsonOutput.commandLine(command);
      print(
          e.getMessage()
              + "; continue with: "
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
      command.getErr().println("fizzy: set FIZZY_DEBUG=1 to see the stack trace");
      command.getErr().flush();
    }
    return INTERNAL;
  }

  /** Picocli wraps errors of commands that are methods, and pools those of their threads. */
  private static Throwable cause(Throwable e) {
    boolean wraps =
        e instanceof CommandLine.ExecutionException
            || e instanceof java.util.concurrent.ExecutionException;
    return wraps && e.getCause() != null ? cause(e.getCause()) : e;
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

  /** The sentence for an expected error; null for an internal one. */
  private static String sentence(Throwable e) {
    if (e instanceof FileException || e instanceof EngineException) {
      return String.valueOf(e.getMessage());
    }
    if (e instanceof IOException io) {
      return FileException.reason(io);
    }
    if (e instanceof OutOfMemoryError) {
      return "out of memory ("
          + e.getMessage()
          + "): Java may use "
          + Memory.limit()
          + ", and "
          + Memory.REMEDY
          + "; smaller inputs, a smaller --batch and fewer --threads need less";
    }
    if (e instanceof UncheckedIOException || e instanceof ExceptionInInitializerError) {
      return e.getCause() == null ? null : sentence(e.getCause());
    }
    if (e instanceof InvalidPathException) {
      return "the file name "
          + e.getMessage()
          + "; names with non-ASCII characters need a UTF-8 locale: LC_ALL=C.UTF-8";
    }
    if (e instanceof UnsatisfiedLinkError) {
      return "a native library cannot be loaded: " + e.getMessage();
    }
    return null;
  }
}
