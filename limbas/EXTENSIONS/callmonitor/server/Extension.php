<?php

namespace Callmonitor;

require_once __DIR__ . '/Configuration.php';
require_once __DIR__ . '/Page.php';
require_once __DIR__ . '/Person.php';
require_once __DIR__ . '/Rights.php';
require_once __DIR__ . '/Tables.php';
require_once __DIR__ . '/Token.php';
require_once __DIR__ . '/Words.php';

/**
 * The call monitor in one request to Limbas.
 *
 * Without a good configuration it tells administrators so, in one sentence, and does nothing else.
 */
final class Extension
{
    const CONFIGURATION_FILE = __DIR__ . '/../callmonitor.config.php';

    private $person;
    private $words;
    private $tables;
    /** @var Configuration|null */
    private $configuration = null;
    /** @var string what is wrong with the configuration */
    private $problem = '';

    /** Limbas' variables of these names, whatever is in them. */
    public function __construct($session, $groupdat, $gtab, $gfield, string $file = self::CONFIGURATION_FILE)
    {
        $this->person = new Person($session, $groupdat);
        $this->words = new Words($this->person->language());
        $this->tables = new Tables($gtab, $gfield);
        try {
            $this->configuration = Configuration::load($file);
        } catch (ConfigurationError $error) {
            $this->problem = $this->words->say($error->key(), $error->values());
        }
    }

    /**
     * Our entry for Limbas' sidebar, or null where there is to be none. Prints what belongs into the top document.
     */
    public function sidebarEntry(int $id): ?array
    {
        if ($this->configuration === null) {
            $this->tell($this->problem);
            return null;
        }
        if ($this->rights() === null) {
            return null;
        }
        $missing = $this->tables->missing($this->configuration);
        if ($missing !== '') {
            $this->tell($this->words->say('unknown-table', ['name' => $missing]));
        }
        echo Page::script($this->configuration, $this->person, $this->tables, $id);
        $list = $this->callList();
        return [
            'id' => $id,
            'name' => $this->words->say('title'),
            'desc' => $this->words->say('title'),
            // An entry without any link gets that of the entry before it (layout/multiframe.php).
            'link' => $list !== '' ? $list : 'javascript:void(0)',
            'target' => $list !== '' ? 'main' : '',
            'preview' => 'callmonitorPreview',
            'params' => '',
            'gicon' => 'lmb-phone',
            'autorefresh' => '',
        ];
    }

    /** A JSON document with a token, or with the sentence that says why there is none. */
    public function token(): string
    {
        if (!headers_sent()) {
            header('Content-Type: application/json');
            header('Cache-Control: no-store');
        }
        $rights = $this->rights();
        if ($rights === null) {
            return Page::json(['error' => $this->words->say('no-token')]);
        }
        return Page::json(['token' => Token::mint($this->configuration->secret(), $this->person->name(), $rights, time())]);
    }

    /** HTML. */
    public function preview(): string
    {
        $rights = $this->rights();
        if ($rights === null) {
            return '';
        }
        $hint = $rights->seesNothing() ? Page::paragraph($this->words->say('no-own-numbers')) : '';
        return $hint . Page::preview($this->words->say('loading'));
    }

    /** A script for Limbas to run. */
    public function cannotDial(): string
    {
        return Page::alert($this->words->say('cannot-dial'));
    }

    /** Where Limbas lists the calls; empty when this user may not see them. */
    private function callList(): string
    {
        $id = $this->tables->ids($this->configuration)[$this->configuration->callsTable()] ?? 0;
        return $id > 0 ? "main.php?action=gtab_erg&source=root&gtabid=$id" : '';
    }

    /** What the person may see; null: nothing, as if we were not there. */
    private function rights(): ?Rights
    {
        if ($this->configuration === null || !$this->person->isLoggedIn()) {
            return null;
        }
        return $this->configuration->rightsOf($this->person);
    }

    private function tell(string $sentence): void
    {
        if ($this->person->isAdministrator()) {
            echo Page::notice($this->words->say('title') . ': ' . $sentence);
        }
    }
}
