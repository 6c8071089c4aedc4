<?php

namespace Callmonitor;

/**
 * What goes into Limbas' pages. Nothing that a person or a box wrote gets there but as text.
 */
final class Page
{
    const SCRIPT = 'localassets/callmonitor/popup.js';
    const TOKEN = 'main_dyns.php?actid=callmonitorToken';

    /** The script of the top document, with what it has to know. */
    public static function script(Configuration $configuration, Person $person, Tables $tables, int $entry): string
    {
        $settings = self::json([
            'service' => $configuration->serviceUrl(),
            'token' => self::TOKEN,
            'user' => $person->name(),
            'language' => $person->language(),
            'tables' => (object) $tables->ids($configuration),
            'contact_tables' => $tables->contacts($configuration),
            'sidebar' => $entry,
        ]);
        return '<script type="application/json" id="callmonitor-settings">' . $settings . '</script>'
            . '<script type="module" src="' . self::SCRIPT . '"></script>';
    }

    /** The place that the script fills, with a word as long as it has not. */
    public static function preview(string $word): string
    {
        return '<div class="callmonitor-preview">' . self::escaped($word) . '</div>';
    }

    public static function paragraph(string $text): string
    {
        return '<p class="small">' . self::escaped($text) . '</p>';
    }

    /** For the sidebar, which may be folded to a narrow strip: the text is cut off then. */
    public static function notice(string $text): string
    {
        return '<div class="callmonitor-notice" role="alert" style="overflow:hidden">'
            . '<p class="small text-danger m-0 p-2" style="width:180px">' . self::escaped($text) . '</p></div>';
    }

    public static function alert(string $text): string
    {
        return '<script>alert(' . self::json($text) . ');</script>';
    }

    /** JSON that stays JSON wherever a browser reads it: Limbas 7 sends all answers as HTML. */
    public static function json($value): string
    {
        $flags = JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE;
        return json_encode($value, $flags);
    }

    private static function escaped(string $text): string
    {
        return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }
}
