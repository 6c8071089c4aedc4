<?php

namespace Callmonitor;

/**
 * The tables that this user may see, as Limbas' variables $gtab and $gfield say. Their ids differ from one Limbas to the
 * next.
 */
final class Tables
{
    private $gtab;
    private $gfield;

    public function __construct($gtab, $gfield)
    {
        $this->gtab = is_array($gtab) ? $gtab : [];
        $this->gfield = is_array($gfield) ? $gfield : [];
    }

    /** Ids by name, of the tables that the configuration names. */
    public function ids(Configuration $configuration): array
    {
        $names = array_merge([$configuration->callsTable()], array_keys($configuration->contactTables()));
        $ids = [];
        foreach ($names as $name) {
            $id = $this->id($name);
            if ($id > 0) {
                $ids[$name] = $id;
            }
        }
        return $ids;
    }

    /** Of the tables of contacts: name, label, id, and the ids of the fields that hold numbers. */
    public function contacts(Configuration $configuration): array
    {
        $found = [];
        foreach ($configuration->contactTables() as $name => $numbers) {
            $id = $this->id($name);
            $fields = array_values(array_filter(array_map(function ($field) use ($id) {
                return self::positive($this->gfield[$id]['argresult_name'][$field] ?? null);
            }, $numbers)));
            if ($id > 0 && $fields !== []) {
                $label = $this->gtab['desc'][$id] ?? $name;
                $found[] = [
                    'table' => $name,
                    'label' => html_entity_decode(is_scalar($label) ? (string) $label : $name, ENT_QUOTES, 'UTF-8'),
                    'gtabid' => $id,
                    'phone_fields' => $fields,
                    'may_add' => !empty($this->gtab['add'][$id]),
                ];
            }
        }
        return $found;
    }

    /** The first table or field (`KUNDEN.TELEFON`) of the configuration that is not there; empty when all are. */
    public function missing(Configuration $configuration): string
    {
        if ($this->id($configuration->callsTable()) === 0) {
            return $configuration->callsTable();
        }
        foreach ($configuration->contactTables() as $name => $numbers) {
            if ($this->id($name) === 0) {
                return $name;
            }
            foreach ($numbers as $field) {
                if (self::positive($this->gfield[$this->id($name)]['argresult_name'][$field] ?? null) === 0) {
                    return "$name.$field";
                }
            }
        }
        return '';
    }

    private function id(string $name): int
    {
        return self::positive($this->gtab['argresult_id'][$name] ?? null);
    }

    private static function positive($value): int
    {
        return is_numeric($value) ? max(0, (int) $value) : 0;
    }
}
