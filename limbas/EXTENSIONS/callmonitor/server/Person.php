<?php

namespace Callmonitor;

/**
 * Who is logged in, as Limbas' variables $session and $groupdat say.
 */
final class Person
{
    /** The group of administrators, in every Limbas. */
    const ADMINISTRATORS = 1;
    const GERMAN = 1;

    private $session;
    private $groups;

    public function __construct($session, $groupdat)
    {
        $this->session = is_array($session) ? $session : [];
        $names = is_array($groupdat) ? ($groupdat['name'] ?? null) : null;
        $this->groups = is_array($names) ? $names : [];
    }

    public function isLoggedIn(): bool
    {
        return (int) $this->text('user_id') > 0 && $this->name() !== '';
    }

    public function isAdministrator(): bool
    {
        return $this->isLoggedIn() && in_array(self::ADMINISTRATORS, $this->groupIds(), true);
    }

    /** As people log in with it. */
    public function name(): string
    {
        return $this->text('username');
    }

    /** What the field for the phone holds, as somebody wrote it. */
    public function phone(): string
    {
        return $this->text('phone');
    }

    /** de or en. */
    public function language(): string
    {
        return (int) $this->text('language') === self::GERMAN ? 'de' : 'en';
    }

    /** The names of the main group and of the others. */
    public function groupNames(): array
    {
        $names = [];
        foreach ($this->groupIds() as $id) {
            if (isset($this->groups[$id]) && is_scalar($this->groups[$id])) {
                $names[] = (string) $this->groups[$id];
            }
        }
        return $names;
    }

    private function groupIds(): array
    {
        $others = $this->session['subgroup'] ?? [];
        $ids = array_merge([$this->session['group_id'] ?? 0], is_array($others) ? array_values($others) : []);
        return array_values(array_unique(array_map('intval', array_filter($ids, 'is_scalar'))));
    }

    private function text(string $key): string
    {
        $value = $this->session[$key] ?? '';
        return is_scalar($value) ? trim((string) $value) : '';
    }
}
