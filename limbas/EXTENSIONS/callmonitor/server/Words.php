<?php

namespace Callmonitor;

/**
 * What Limbas' server side of the call monitor says. What the script says stands in texts/.
 */
final class Words
{
    const TEXTS = [
        'title' => ['Anrufmonitor', 'Call monitor'],
        'loading' => ['Die Anrufe werden geladen …', 'The calls are being loaded …'],
        'no-own-numbers' => [
            'Für Sie sind keine eigenen Rufnummern hinterlegt. Ihr Administrator kann sie beim Limbas-Benutzer eintragen.',
            'No numbers of your own are known. Your administrator can enter them with your Limbas user.',
        ],
        'no-token' => [
            'Für Sie ist der Anrufmonitor nicht eingerichtet.',
            'The call monitor is not set up for you.',
        ],
        'cannot-dial' => [
            'Der Anrufmonitor kann noch nicht selbst wählen. Bitte wählen Sie die Nummer am Telefon.',
            'The call monitor cannot dial by itself yet. Please dial the number on your phone.',
        ],
        'missing' => [
            'Die Datei callmonitor.config.php fehlt oder ist nicht lesbar; callmonitor.config.example.php ist die Vorlage.',
            'The file callmonitor.config.php is missing or cannot be read; callmonitor.config.example.php is its pattern.',
        ],
        'broken' => [
            'In callmonitor.config.php ist Zeile {line} kein gültiges PHP.',
            'Line {line} of callmonitor.config.php is not valid PHP.',
        ],
        'no-array' => [
            'callmonitor.config.php gibt kein Array zurück; callmonitor.config.example.php zeigt, wie es aussehen soll.',
            'callmonitor.config.php returns no array; callmonitor.config.example.php shows what it should look like.',
        ],
        'unknown-entry' => [
            'In callmonitor.config.php gibt es keinen Eintrag «{name}».',
            'There is no entry "{name}" in callmonitor.config.php.',
        ],
        'service_url' => [
            'In callmonitor.config.php muss service_url ein Pfad wie /callmonitor/ oder eine Adresse mit https:// sein.',
            'In callmonitor.config.php service_url has to be a path like /callmonitor/ or an address with https://.',
        ],
        'secret' => [
            'In callmonitor.config.php fehlt das Geheimnis (secret), oder es hat weniger als {count} Zeichen.',
            'In callmonitor.config.php the secret is missing, or has fewer than {count} characters.',
        ],
        'secret_file' => [
            'Die Datei, die secret_file in callmonitor.config.php nennt, ist für den Webserver nicht lesbar.',
            'The file that secret_file in callmonitor.config.php names cannot be read by the web server.',
        ],
        'calls_table' => [
            'In callmonitor.config.php muss calls_table der Name einer Tabelle sein.',
            'In callmonitor.config.php calls_table has to be the name of a table.',
        ],
        'contact_tables' => [
            'In callmonitor.config.php muss contact_tables zu jeder Tabelle die Felder mit Rufnummern nennen.',
            'In callmonitor.config.php contact_tables has to name the fields with phone numbers of each table.',
        ],
        'who_sees' => [
            'In callmonitor.config.php steht unter who_sees bei «{name}» etwas anderes als all, own oder none.',
            'In callmonitor.config.php something other than all, own or none stands under who_sees for "{name}".',
        ],
        'own' => [
            'In callmonitor.config.php ist unter who_sees bei «{name}» eine Rufnummer oder Nebenstelle keine.',
            'In callmonitor.config.php a number or extension under who_sees for "{name}" is none.',
        ],
        'unknown-table' => [
            'callmonitor.config.php nennt {name}; das gibt es in diesem Limbas nicht.',
            'callmonitor.config.php names {name}, which is not there in this Limbas.',
        ],
    ];

    private $number;

    /** @param string $language de or en */
    public function __construct(string $language)
    {
        $this->number = $language === 'de' ? 0 : 1;
    }

    /** The text, its {places} filled in. */
    public function say(string $key, array $values = []): string
    {
        $places = array_map(function ($name) {
            return '{' . $name . '}';
        }, array_keys($values));
        return str_replace($places, array_values($values), self::TEXTS[$key][$this->number]);
    }
}
