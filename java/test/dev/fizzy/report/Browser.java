package dev.fizzy.report;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Chromium without a window, where one is installed. */
final class Browser {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final long LIMIT_SECONDS = 120;

  private final Path program;

  private Browser(Path program) {
    this.program = program;
  }

  /** Skips the test, saying so, where there is none. */
  static Browser find() {
    Path found =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    assumeTrue(found != null, "no Chromium on the PATH: the report is not opened in a browser");
    return new Browser(found);
  }

  /**
   * A page after its scripts have run.
   *
   * @param errors messages on its console
   */
  record Shown(String dom, List<String> errors) {
    /** The values of an attribute, one an element that has it. */
    List<Integer> numbers(String attribute) {
      Matcher matcher = Pattern.compile(attribute + "=\"(\\d+)\"").matcher(dom);
      List<Integer> numbers = new ArrayList<>();
      while (matcher.find()) {
        numbers.add(Integer.parseInt(matcher.group(1)));
      }
      return numbers;
    }
  }

  /**
   * Shows a page in a frame, as narrow as no window can be.
   *
   * @param page which posts its HTML to its parent in the end
   * @param width of the frame in pixels
   */
  Shown show(Path page, boolean dark, int width, Path folder)
      throws IOException, InterruptedException {
    Path frame = folder.resolve("frame.html");
    Files.writeString(
        frame,
        "<!doctype html><meta name='color-scheme' content='light dark'>"
            + "<iframe style='width:"
            + width
            + "px; height:2000px; border:0' src='"
            + page.getFileName()
            + "'></iframe><script>"
            + "addEventListener('message', e => { document.body.textContent = e.data; });"
            + "</script>");
    Path out = folder.resolve("dom.html");
    Path err = folder.resolve("console.txt");
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + folder.resolve("profile"),
                "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
                "--enable-logging=stderr",
                "--virtual-time-budget=5000",
                "--window-size=1300,2000",
                "--dump-dom",
                frame.toUri().toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the browser did not end: " + Files.readString(err));
    }
    List<String> errors =
        Files.readString(err, StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.contains("CONSOLE"))
            .toList();
    String posted = Files.readString(out, StandardCharsets.UTF_8);
    return new Shown(
        posted.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), errors);
  }
}
