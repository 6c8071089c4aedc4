<?php

namespace Callmonitor;

require_once __DIR__ . '/ConfigurationError.php';
require_once __DIR__ . '/WhoSees.php';

/**
 * What callmonitor.config.php says, checked.
 */
final class Configuration
{
    /** Characters; the event service asks for as many. */
    const SHORTEST_SECRET = 32;
    const DEFAULTS = [
        'service_url' => '/callmonitor/',
        'secret' => '',
        'secret_file' => '',
        'calls_table' => 'ANRUFE',
        'contact_tables' => ['KUNDEN' => ['TELEFON', 'MOBIL']],
        'who_sees' => [],
    ];

    private $serviceUrl;
    private $secret;
    private $callsTable;
    private $contactTables;
    private $whoSees;

    /** @throws ConfigurationError */
    public static function load(string $file): self
    {
        return new self(self::read($file));
    }

    /** @throws ConfigurationError */
    private function __construct(array $said)
    {
        $unknown = array_diff(array_keys($said), array_keys(self::DEFAULTS));
        if ($unknown !== []) {
            throw new ConfigurationError('unknown-entry', ['name' => reset($unknown)]);
        }
        $said += self::DEFAULTS;
        $this->serviceUrl = self::checkedUrl($said['service_url']);
        $this->secret = self::checkedSecret($said['secret'], $said['secret_file']);
        $this->callsTable = self::checkedName($said['calls_table'], 'calls_table');
        $this->contactTables = self::checkedTables($said['contact_tables']);
        $this->whoSees = new WhoSees($said['who_sees']);
    }

    /** A path or an address. */
    public function serviceUrl(): string
    {
        return $this->serviceUrl;
    }

    public function secret(): string
    {
        return $this->secret;
    }

    public function callsTable(): string
    {
        return $this->callsTable;
    }

    /** Names of fields with numbers by name of table. */
    public function contactTables(): array
    {
        return $this->contactTables;
    }

    /** null: none at all. */
    public function rightsOf(Person $person): ?Rights
    {
        return $this->whoSees->rightsOf($person);
    }

    /** The array of a file that may be missing, or anything but PHP that we would want to run. */
    private static function read(string $file): array
    {
        if (!is_file($file) || !is_readable($file)) {
            throw new ConfigurationError('missing');
        }
        ob_start();
        set_error_handler(function () {
            return true; // what the file complains of is not for Limbas' pages
        });
        try {
            $said = (static function (string $file) {
                return include $file;
            })($file);
        } catch (\Throwable $error) {
            throw new ConfigurationError('broken', ['line' => $error->getLine()]);
        } finally {
            restore_error_handler();
            ob_end_clean();
        }
        if (!is_array($said)) {
            throw new ConfigurationError('no-array');
        }
        return $said;
    }

    private static function checkedUrl($url): string
    {
        if (!is_string($url) || preg_match('#^(https?://[^\s/?\#@]+)?/[^\s?\#]*$#D', "$url/") !== 1) {
            throw new ConfigurationError('service_url');
        }
        if (strpos($url, '//') === 0) {
            throw new ConfigurationError('service_url');
        }
        return rtrim($url, '/') . '/';
    }

    private static function checkedSecret($secret, $file): string
    {
        if ($file !== '') {
            if (!is_string($file) || !is_file($file) || !is_readable($file)) {
                throw new ConfigurationError('secret_file');
            }
            $secret = trim((string) file_get_contents($file));
        }
        if (!is_string($secret) || strlen($secret) < self::SHORTEST_SECRET) {
            throw new ConfigurationError('secret', ['count' => self::SHORTEST_SECRET]);
        }
        return $secret;
    }

    private static function checkedTables($tables): array
    {
        if (!is_array($tables)) {
            throw new ConfigurationError('contact_tables');
        }
        foreach ($tables as $name => $fields) {
            self::checkedName($name, 'contact_tables');
            if (!is_array($fields) || $fields === []) {
                throw new ConfigurationError('contact_tables');
            }
            foreach ($fields as $field) {
                self::checkedName($field, 'contact_tables');
            }
        }
        return array_map('array_values', $tables);
    }

    private static function checkedName($name, string $entry): string
    {
        if (!is_string($name) || trim($name) === '') {
            throw new ConfigurationError($entry);
        }
        return $name;
    }
}
