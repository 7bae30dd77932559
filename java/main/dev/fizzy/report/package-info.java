/**
 * Output for people: progress, grids of images, results stored as JSON and the page that shows them
 * all. It may import every package but {@code cli}. Start at {@link dev.fizzy.report.Report}.
 */
package dev.fizzy.report;
