package dev.fizzy.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.fizzy.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The report as one HTML file that needs no network: styles, the chart library, the data and the
 * script that draws them are embedded. The data are also written next to it as {@code report.json}.
 */
public final class ReportPage {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final Pattern PART = Pattern.compile("@([a-z.]+)@");
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  private ReportPage() {}

  /** Writes the page and the data. */
  public static void write(Report report, Path html) {
    AtomicFile.write(
        html.toAbsolutePath().resolveSibling(Report.JSON_FILE),
        json(report).getBytes(StandardCharsets.UTF_8));
    writePage(report, html);
  }

  /** Writes the page alone. */
  public static void writePage(Report report, Path html) {
    Map<String, String> parts =
        Map.of(
            "uplot.css", resource(UPLOT + "uPlot.min.css"),
            "report.css", resource("report.css"),
            "uplot.js", resource(UPLOT + "uPlot.iife.min.js"),
            "data", escaped(json(report)),
            "datasets", escaped(json(report.datasets())),
            "pictures", escaped(json(report.pictures())),
            "curve", escaped(json(QualityCurve.picture(report))),
            "roofline.js", resource("roofline.js"),
            "report.js", resource("report.js"));
    String page =
        PART.matcher(resource("report.html"))
            .replaceAll(part -> Matcher.quoteReplacement(parts.get(part.group(1))));
    AtomicFile.write(html, page.getBytes(StandardCharsets.UTF_8));
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the report is not JSON", e);
    }
  }

  /**
   * Escapes {@code <}, so that a file name cannot end the script element that contains the data.
   */
  private static String escaped(String json) {
    return json.replace("<", "\\u003c");
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("this build has no " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("this build has a damaged " + name, e);
    }
  }
}
