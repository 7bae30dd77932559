package dev.fizzy.cli;

import dev.fizzy.engine.EngineException;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns what went wrong into one sentence and an exit code; FIZZY_DEBUG=1 adds the stack. */
final class ErrorHandler implements IExecutionExceptionHandler {
  static final int FAILURE = 1;
  static final int INTERNAL = 70;

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult result) {
    PrintWriter err = command.getErr();
    boolean known = known(e);
    err.println("fizzy: " + (known ? sentence(e) : "internal error: " + e));
    if ("1".equals(System.getenv("FIZZY_DEBUG"))) {
      e.printStackTrace(err);
    } else if (!known) {
      err.println("fizzy: FIZZY_DEBUG=1 shows where");
    }
    err.flush();
    return known ? FAILURE : INTERNAL;
  }

  private static boolean known(Exception e) {
    return e instanceof FileException
        || e instanceof EngineException
        || e instanceof IOException
        || e instanceof UncheckedIOException;
  }

  private static String sentence(Exception e) {
    if (e instanceof UncheckedIOException u) {
      return sentence(u.getCause());
    }
    String text = e instanceof IOException io ? FileException.reason(io) : e.getMessage();
    return String.valueOf(text).strip().replaceAll("\\s*\\n\\s*", " ");
  }
}
